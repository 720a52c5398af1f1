import { readdir } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { counted } from '../../core/text/counted';
import type { Recipe } from '../../core/network';
import { placeName, refused, type BadPicturePolicy } from '../image/bad-image';
import { batchesInOrder } from '../loader/batches';
import { openFeed, type Feed } from '../loader/loader';
import { valuesOf, type Pictures, type Place } from '../dataset';
import { digestsOf } from '../inspect/inspect-images';
import { packingFor, packingRecipe, type Packing } from './packing';
import { packingFolder } from './packing-folder';
import {
  fingerprint,
  openNumbered,
  openShard,
  shardsLike,
  writeShard,
  type Shard,
  type Unreadable,
  type Wanted,
} from './shard';

export interface PackOptions {
  /** Holds a folder for each set of pictures and each size that they were packed in. */
  readonly cache: string;
  readonly recipe: Pick<Recipe, 'augment' | 'input'>;
  /** Of each picture's bytes, where they are known already: see `inspectPictures`. */
  readonly sha256?: readonly string[] | undefined;
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
 * Shards are named by what is in them: those that were packed before are taken as they are, so that killed packing goes
 * on where it was, and none is ever replaced or removed, which another run may be reading. Where the list, or a
 * picture's content, size or time has changed, other shards are made. Pictures that cannot be read stay where they are:
 * whoever wants them will be told why.
 * @returns the same pictures at their new places
 * @throws BadPicture for the first that cannot be read, unless such are skipped; UserError where nothing can be written
 */
export async function packPictures(pictures: Pictures, options: PackOptions): Promise<Pictures> {
  const { workers, onBadPicture = 'fail', shardSize = 2 ** 26, onProgress = () => undefined } = options;
  const packing = packingFor(options.recipe);
  const folder = await packingFolder(options.cache, pictures, packing);
  const names = await readdir(folder);
  const inShard = Math.max(1, Math.floor(shardSize / valuesOf(packing.shape)));
  const feed = openFeed({ workers, onBadPicture });
  const tell = progress(pictures, packing, folder, onProgress);
  const places: Place[] = [];
  let unchecked = 0;
  try {
    for (let start = 0; start < pictures.places.length; start += inShard) {
      const part = slice(pictures, start, start + inShard);
      const given = options.sha256?.slice(start, start + inShard);
      const wanted = {
        folder,
        packing,
        fingerprint: await fingerprint(part.places, packing),
        images: part.places.length,
      };
      let shard = await packed(part, wanted, start / inShard, names, given);
      if (!shard) {
        tell.begin();
        shard = await pack(part, wanted, feed);
        tell.done(start + part.places.length);
      }
      const [bad] = shard.unreadable;
      if (bad && onBadPicture === 'fail') throw refused(bad);
      if (!shard.crc32) unchecked += part.places.length;
      for (const place of moved(part.places, shard, packing)) places.push(place);
    }
  } finally {
    await feed.close();
  }
  tell.end();
  if (unchecked > 0) onProgress(withoutChecksums(unchecked, folder));
  return { ...pictures, places };
}

function withoutChecksums(pictures: number, folder: string): string {
  return (
    `${folder}: ${pictures} pictures were packed by an earlier release, without checksums: damage to them would ` +
    'not be seen; remove the folder to have them packed anew'
  );
}

/** The shard of these pictures, if they were packed before. */
async function packed(
  { places }: Pictures,
  wanted: Wanted,
  index: number,
  names: readonly string[],
  given: readonly string[] | undefined,
): Promise<Shard | undefined> {
  const numbered = () => openNumbered(wanted, index);
  if (given) return (await openShard(wanted, given)) ?? (await numbered());
  const [found, ...others] = await shardsLike(wanted, names);
  if (!found) return numbered();
  // By size and time alone, pictures that changed under both cannot be told, nor those that can be read by now.
  if (others.length === 0 && found.unreadable.length === 0) return found;
  return openShard(wanted, await digestsOf(places));
}

function slice(pictures: Pictures, start: number, end: number): Pictures {
  return {
    ...pictures,
    labels: pictures.labels.subarray(start, end),
    places: pictures.places.slice(start, end),
  };
}

/** Writes a shard of these pictures. */
async function pack(pictures: Pictures, wanted: Wanted, feed: Feed): Promise<Shard> {
  const { packing } = wanted;
  const sha256 = await digestsOf(pictures.places); // as they are now
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
  // Another process may have packed the same meanwhile.
  return (await openShard(wanted, sha256)) ?? (await writeShard(wanted, sha256, unreadable, pixels));
}

/** Where the pictures of a shard are read from. */
function moved(places: readonly Place[], { unreadable, file, crc32 }: Shard, { shape }: Packing): Place[] {
  const bad = new Set(unreadable.map(({ row }) => row));
  const length = valuesOf(shape);
  return places.map((place, row) => {
    if (bad.has(row)) return place;
    return {
      file,
      part: { offset: row * length, length, name: placeName(place) },
      packed: { shape, crc32: crc32?.[row] ?? null },
    };
  });
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
