/** Packs a set of image files into a cache: decoded, resized and stored as raw pixels in shards. */
import { shareOf, type Dealt } from '../../core/io/process/communicator';
import type { BadRow } from '../loader/worker-task';
import { elementCount } from '../../core/shape';
import { readdir } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { counted } from '../../core/text/counted';
import type { Recipe } from '../../core/network';
import { imageName, refused, type BadImagePolicy } from '../image/bad-image';
import { batchesInOrder } from '../loader/batches';
import { openLoader, type Loader } from '../loader/loader';
import { type ImageFiles, type ImageFile } from '../dataset';
import { digestsOf } from '../inspect/inspect-images';
import type { Crew } from './crew';
import { packingFor, packingRecipe, type Packing } from './packing';
import { packingFolder } from './packing-folder';
import {
  fingerprint,
  openNumbered,
  openShard,
  shardsLike,
  writeShard,
  type Shard,
  type Wanted,
} from './shard';

/** Where images are packed, for which recipe, and how. */
export interface PackOptions {
  /** The folder of the cache, with a folder in it for each set of images and each packed size. */
  readonly cache: string;
  readonly recipe: Pick<Recipe, 'augment' | 'input'>;
  /** The digest of each image's bytes, if already known: see `inspectImages`. */
  readonly sha256?: readonly string[] | undefined;
  /** Default: one per core. */
  readonly workers?: number | undefined;
  /** Default: `fail`. */
  readonly onBadImage?: BadImagePolicy | undefined;
  /** The size of a shard in bytes. One shard is held in memory, and lost if packing is killed. Default: 64 MiB. */
  readonly shardSize?: number | undefined;
  /** Ranks that help to pack. */
  readonly crew?: Crew | undefined;
  /**
   * This process's number among those that pack the same images into the same cache at the same time, without a word
   * between them: each begins at another shard, and finds those of the others when it comes to them. Default: alone.
   */
  readonly beside?: Dealt | undefined;
  /** Called with what is packed, where, and the progress. */
  readonly onProgress?: ((line: string) => void) | undefined;
}

/** Images in a batch. */
const batchSize = 32;
/** Time between two lines of progress, in milliseconds. */
const lineEvery = 10_000;

/**
 * Decodes and resizes images once (see `packingFor`) and stores their pixels in shards, from which they are then read.
 * Shards are named by their contents, and existing ones are reused, so that packing that was killed resumes where it
 * stopped. No shard is ever replaced or removed, since another run may be reading it. If the list of images, or the
 * content, size or time of an image has changed, new shards are made. Images that cannot be read are left unpacked:
 * reading them later reports why.
 * @returns the same images at their new files
 * @throws BadImageError for the first image that cannot be read, unless such images are skipped; UserError when the
 *   cache cannot be written
 */
export async function packImages(images: ImageFiles, options: PackOptions): Promise<ImageFiles> {
  const { workers, onBadImage = 'fail', shardSize = 2 ** 26, crew, onProgress = () => undefined } = options;
  const packing = packingFor(options.recipe);
  const folder = await packingFolder(options.cache, images, packing);
  const inShard = Math.max(1, Math.floor(shardSize / elementCount(packing.shape)));
  const loader = openLoader({ workers, onBadImage });
  const tell = progress(images, packing, folder, onProgress);
  const shards = Math.ceil(images.files.length / inShard);
  const first = options.beside ? shareOf(shards, options.beside).first : 0;
  const files = new Array<readonly ImageFile[]>(shards);
  let names = await readdir(folder);
  let done = 0;
  let unchecked = 0;
  const partOf = async (index: number): Promise<Part> => {
    const start = index * inShard;
    const part = slice(images, start, start + inShard);
    const mark = await fingerprint(part.files, packing);
    const wanted = { folder, packing, fingerprint: mark, images: part.files.length };
    return { index, images: part, wanted, given: options.sha256?.slice(start, start + inShard) };
  };
  try {
    for (let turn = 0; turn < shards; turn += crew?.size ?? 1) {
      const turns = Array.from({ length: Math.min(crew?.size ?? 1, shards - turn) }, (_, at) => turn + at);
      const parts = await Promise.all(turns.map((at) => partOf((first + at) % shards)));
      const found = await Promise.all(parts.map((part) => packed(part, names)));
      const missing = parts.filter((_, at) => !found[at]);
      if (missing.length > 0) tell.begin();
      if (crew && missing.length > 0) {
        await crew.pack(missing, { workers, onBadImage }, loader);
        names = await readdir(folder);
      }
      for (const [at, part] of parts.entries()) {
        // What the crew packed may not be seen yet, on a disk of the network: then it is packed again.
        const shard =
          found[at] ??
          (crew && (await packed(part, names))) ??
          (await pack(part.images, part.wanted, loader));
        done += part.images.files.length;
        if (!found[at]) tell.done(done);
        const [bad] = shard.unreadable;
        if (bad && onBadImage === 'fail') throw refused(bad);
        if (!shard.crc32) unchecked += part.images.files.length;
        files[part.index] = moved(part.images.files, shard, packing);
      }
    }
  } finally {
    await loader.close();
  }
  tell.end();
  if (unchecked > 0) onProgress(withoutChecksums(unchecked, folder));
  return { ...images, files: files.flat() };
}

/** The images of one shard. */
interface Part {
  readonly index: number;
  readonly images: ImageFiles;
  readonly wanted: Wanted;
  /** Their digests, if known. */
  readonly given: readonly string[] | undefined;
}

function withoutChecksums(images: number, folder: string): string {
  return (
    `${folder}: ${images} images were packed by an earlier release, without checksums: damage to them would ` +
    'not be seen; remove the folder to have them packed again'
  );
}

/** The shard of these images, if it exists. */
async function packed(
  { images: { files }, wanted, index, given }: Part,
  names: readonly string[],
): Promise<Shard | undefined> {
  const numbered = () => openNumbered(wanted, index);
  if (given) return (await openShard(wanted, given)) ?? (await numbered());
  const [found, ...others] = await shardsLike(wanted, names);
  if (!found) return numbered();
  // Size and time do not show that an image changed with both the same, nor that it has become readable.
  if (others.length === 0 && found.unreadable.length === 0) return found;
  return openShard(wanted, await digestsOf(files));
}

function slice(images: ImageFiles, start: number, end: number): ImageFiles {
  return {
    ...images,
    labels: images.labels.subarray(start, end),
    files: images.files.slice(start, end),
  };
}

/** Writes a shard of these images. */
export async function pack(images: ImageFiles, wanted: Wanted, loader: Loader): Promise<Shard> {
  const { packing } = wanted;
  const sha256 = await digestsOf(images.files); // the digests of the files as they are now
  const size = elementCount(packing.shape);
  const pixels = new Uint8Array(images.files.length * size);
  const unreadable: BadRow[] = [];
  let row = 0;
  const batches = batchesInOrder(images, packingRecipe(packing), batchSize, { loader });
  for await (const { images: values, labels, skipped = [] } of batches) {
    const bad = new Map(skipped.map((one) => [one.index, one]));
    const end = row + labels.length + skipped.length;
    for (let from = 0; row < end; row++) {
      const found = bad.get(row);
      if (found) {
        unreadable.push({ row, file: found.file, reason: found.reason });
      } else {
        pixels.set(values.subarray(from, from + size), row * size);
        from += size;
      }
    }
  }
  // Another process may have packed the same images in the meantime.
  return (await openShard(wanted, sha256)) ?? (await writeShard(wanted, sha256, unreadable, pixels));
}

/** The images with their places in a shard. */
function moved(
  files: readonly ImageFile[],
  { unreadable, file, crc32 }: Shard,
  { shape }: Packing,
): ImageFile[] {
  const bad = new Set(unreadable.map(({ row }) => row));
  const length = elementCount(shape);
  return files.map((imageFile, row) => {
    if (bad.has(row)) return imageFile;
    return {
      file,
      part: { offset: row * length, length, name: imageName(imageFile) },
      packed: { shape, crc32: crc32?.[row] ?? null },
    };
  });
}

function progress(
  { name, files }: ImageFiles,
  packing: Packing,
  folder: string,
  tell: (line: string) => void,
) {
  const [height, width] = packing.shape;
  const all = files.length;
  const gigabytes = ((all * elementCount(packing.shape)) / 1e9).toFixed(1);
  let started: number | undefined;
  let told = 0;
  return {
    begin: () => {
      if (started !== undefined) return;
      started = told = performance.now();
      tell(
        `packing ${name}: ${counted(all, 'image')} as ${height}x${width} pixels, ${gigabytes} GB, in ${folder}`,
      );
    },
    done: (images: number) => {
      if (performance.now() - told < lineEvery) return;
      told = performance.now();
      tell(`packed ${images} of ${counted(all, 'image')}`);
    },
    end: () => {
      if (started === undefined) return;
      tell(`packed ${name} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
    },
  };
}
