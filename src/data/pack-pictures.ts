import { counted } from '../counted';
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { performance } from 'node:perf_hooks';
import { UserError, messageOf } from '../errors';
import type { Recipe } from '../network';
import { placeName } from './bad-picture';
import { refused, type BadPicturePolicy } from './bad-picture-policy';
import { batchesInOrder } from './batches';
import { openFeed, type Feed } from './feed';
import { valuesOf } from './image-chunks';
import { packingFor, packingRecipe, type Packing } from './packing';
import type { Pictures, Place } from './pictures';
import { fingerprint, openShard, writeShard, type Shard, type Unreadable } from './shard';

export interface PackOptions {
  /** Holds a folder for each set of pictures and each size that they were packed in. */
  readonly cache: string;
  readonly recipe: Pick<Recipe, 'augment' | 'input'>;
  /** Default: one a core. */
  readonly workers?: number | undefined;
  /** Default: `fail`. */
  readonly onBadPicture?: BadPicturePolicy | undefined;
  /** Of a shard, in bytes: what is lost at most when packing is killed, and held in memory meanwhile. Default: 64 MiB. */
  readonly shardSize?: number | undefined;
  /** Told what is packed, where, and how far it has come. */
  readonly onProgress?: ((line: string) => void) | undefined;
}

/** Images that are prepared at a time. */
const batchSize = 32;
/** Between two lines that tell how far it has come, in milliseconds. */
const lineEvery = 10_000;

/**
 * Decodes and resizes pictures once (see `packingFor`) and keeps their pixels in shards, from which they are then read.
 * Shards that were packed before are taken as they are, so that killed packing goes on where it was; one whose pictures
 * changed in list, size or time is packed anew. Pictures that cannot be read stay where they are: whoever wants them
 * will be told why.
 * @returns the same pictures at their new places
 * @throws BadPicture for the first that cannot be read, unless such are skipped; UserError where nothing can be written
 */
export async function packPictures(pictures: Pictures, options: PackOptions): Promise<Pictures> {
  const { workers, onBadPicture = 'fail', shardSize = 2 ** 26, onProgress = () => undefined } = options;
  const packing = packingFor(options.recipe);
  const folder = join(resolve(options.cache), folderName(pictures, packing));
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new UserError(
      `${folder}: expected a folder to pack pictures in, cannot be made: ${messageOf(error)}`,
    );
  });
  const inShard = Math.max(1, Math.floor(shardSize / valuesOf(packing.shape)));
  const feed = openFeed({ workers, onBadPicture });
  const tell = progress(pictures, packing, folder, onProgress);
  const places: Place[] = [];
  try {
    for (let start = 0; start < pictures.places.length; start += inShard) {
      const path = join(folder, shardName(start / inShard));
      const part = slice(pictures, start, start + inShard);
      const wanted = await fingerprint(part.places, packing);
      let shard = await openShard(path, wanted, part.places.length, packing);
      if (!shard) {
        tell.begin();
        shard = await pack(part, packing, feed, wanted, path);
        tell.done(start + part.places.length);
      }
      const [bad] = shard.unreadable;
      if (bad && onBadPicture === 'fail') throw refused(bad);
      for (const place of moved(part.places, shard, `${path}.bin`, packing)) places.push(place);
    }
  } finally {
    await feed.close();
  }
  await removeShards(folder, Math.ceil(places.length / inShard));
  tell.end();
  return { ...pictures, places };
}

function slice(pictures: Pictures, start: number, end: number): Pictures {
  return {
    ...pictures,
    labels: pictures.labels.subarray(start, end),
    places: pictures.places.slice(start, end),
  };
}

/** Writes a shard of these pictures. */
async function pack(
  pictures: Pictures,
  packing: Packing,
  feed: Feed,
  wanted: string,
  path: string,
): Promise<Shard> {
  const size = valuesOf(packing.shape);
  const pixels = new Uint8Array(pictures.places.length * size);
  const unreadable: Unreadable[] = [];
  let row = 0;
  const batches = batchesInOrder(pictures, packingRecipe(packing), batchSize, { feed });
  for await (const { images, labels, skipped = [] } of batches) {
    const bad = new Map(skipped.map((picture) => [picture.index, picture]));
    const end = row + labels.length + skipped.length;
    for (let from = 0; row < end; row++) {
      const picture = bad.get(row);
      if (picture) {
        unreadable.push({ row, file: picture.file, reason: picture.reason });
      } else {
        pixels.set(images.subarray(from, from + size), row * size);
        from += size;
      }
    }
  }
  const shard = { fingerprint: wanted, unreadable };
  await writeShard(path, shard, pixels);
  return shard;
}

/** Where the pictures of a shard are read from. */
function moved(places: readonly Place[], { unreadable }: Shard, file: string, { shape }: Packing): Place[] {
  const bad = new Set(unreadable.map(({ row }) => row));
  const length = valuesOf(shape);
  return places.map((place, row) => {
    if (bad.has(row)) return place;
    return { file, part: { offset: row * length, length, name: placeName(place) }, packed: shape };
  });
}

/** One for each set of pictures, by its name and where its files lie, and each packing. */
function folderName({ name, places }: Pictures, packing: Packing): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([packing, commonFolder(places)]))
    .digest('hex');
  const [height, width] = packing.shape;
  return `${name.replaceAll(/\W+/g, '-').slice(0, 60)}-${height}x${width}-${digest.slice(0, 8)}`;
}

/** The deepest folder that all files lie in. */
function commonFolder(places: readonly Place[]): string {
  let common: string | undefined;
  for (const { file } of places) {
    const folder = `${dirname(resolve(file))}${sep}`;
    common ??= folder;
    while (!folder.startsWith(common)) common = `${dirname(common)}${sep}`.replace(`${sep}${sep}`, sep);
  }
  return common ?? '';
}

function shardName(index: number): string {
  return String(index).padStart(5, '0');
}

/** Those of a list that was longer. */
async function removeShards(folder: string, from: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const index = /^(\d{5,})\.(bin|json)$/.exec(name)?.[1];
    if (index !== undefined && Number(index) >= from) await rm(join(folder, name), { force: true });
  }
}

function progress(
  { name, places }: Pictures,
  packing: Packing,
  folder: string,
  tell: (line: string) => void,
) {
  const [height, width] = packing.shape;
  const all = places.length;
  const gigabytes = ((all * valuesOf(packing.shape)) / 1e9).toFixed(1);
  let started: number | undefined;
  let told = 0;
  return {
    begin: () => {
      if (started !== undefined) return;
      started = told = performance.now();
      tell(
        `packing ${name}: ${counted(all, 'picture')} as ${height}x${width} pixels, ${gigabytes} GB, in ${folder}`,
      );
    },
    done: (pictures: number) => {
      if (performance.now() - told < lineEvery) return;
      told = performance.now();
      tell(`packed ${pictures} of ${counted(all, 'picture')}`);
    },
    end: () => {
      if (started === undefined) return;
      tell(`packed ${name} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
    },
  };
}
