/** Decodes every image of a set once, and keeps 150 bytes of what each is: size, format, digests, perceptual hash. */
import { createHash } from 'node:crypto';
import { ownCores } from '../../core/io/process/own-cores';
import { imageChunks, type Dataset, type ImageFile, type ImageSet } from '../dataset';
import { BadImageError, imageName } from '../image/bad-image';
import { whole } from '../image/crop';
import { imageHeader, type ImageHeader } from '../image/header';
import { openImage } from '../image/open-image';
import { luma } from '../image/pixels';
import { readImageFile } from '../image/read';
import { cropArray } from '../image/resample';
import type { SkippedImage } from '../loader/batches';
import { hashWords, perceptualHash, thumbnailSide } from './perceptual-hash';

/** The bytes of a SHA-256. */
const digestBytes = 32;

export type ImageFormat = ImageHeader['format'];

/** What was found of each image, by its index. An image that cannot be read has zeros in place of what is not known. */
export interface LookedAtImages {
  /** In pixels, upright. */
  readonly heights: Uint32Array;
  readonly widths: Uint32Array;
  /** How many images have each format, by that of their bytes; none for images that are stored as pixels. */
  readonly formats: ReadonlyMap<ImageFormat, number>;
  /** `[images, 32]`: the SHA-256 of each file's bytes; null for images that are stored as pixels. */
  readonly files: Uint8Array | null;
  /** `[images, 32]`: the SHA-256 of each image's size and upright pixels. */
  readonly pixels: Uint8Array;
  /** `[images, 8]`: the perceptual hashes and those of the mirror images; null for images stored as pixels. */
  readonly hashes: Uint32Array | null;
  readonly mirrored: Uint32Array | null;
  /** 1 for an image that is as good as plain, whose perceptual hash says nothing. */
  readonly plain: Uint8Array;
  /** In the order of the images. */
  readonly bad: readonly SkippedImage[];
}

/** @param onCount called after each image with how many are done */
export function lookAtImages(set: ImageSet, onCount?: (done: number) => void): Promise<LookedAtImages> {
  return set.kind === 'files' ? ofFiles(set.files, onCount) : ofPixels(set, onCount);
}

async function ofFiles(
  files: readonly ImageFile[],
  onCount: (done: number) => void = () => undefined,
): Promise<LookedAtImages> {
  const count = files.length;
  const found = {
    heights: new Uint32Array(count),
    widths: new Uint32Array(count),
    formats: new Map<ImageFormat, number>(),
    files: new Uint8Array(count * digestBytes),
    pixels: new Uint8Array(count * digestBytes),
    hashes: new Uint32Array(count * hashWords),
    mirrored: new Uint32Array(count * hashWords),
    plain: new Uint8Array(count),
  };
  const bad: SkippedImage[] = [];
  let [next, done] = [0, 0];
  const look = async (index: number) => {
    const file = files[index]!;
    const bytes = await readImageFile(file);
    found.files.set(digest(bytes), index * digestBytes);
    const name = imageName(file);
    const { format } = imageHeader(name, bytes);
    const image = await openImage({ file: name, bytes }, 3);
    const pixels = await image.decode();
    const { height, width } = image.size;
    found.heights[index] = height;
    found.widths[index] = width;
    found.formats.set(format, (found.formats.get(format) ?? 0) + 1);
    found.pixels.set(digestOfPixels(pixels, height, width), index * digestBytes);
    const { hash, mirrored, plain } = perceptualHash(thumbnail(pixels, height, width));
    found.hashes.set(hash, index * hashWords);
    found.mirrored.set(mirrored, index * hashWords);
    found.plain[index] = Number(plain);
  };
  const reader = async () => {
    for (let index = next++; index < count; index = next++) {
      try {
        await look(index);
      } catch (error) {
        if (!(error instanceof BadImageError)) throw error;
        bad.push({ index, file: error.file, reason: error.reason });
      }
      onCount(++done);
    }
  };
  // One image more than there are cores: one is decoded on each while this thread hashes another.
  await Promise.all(Array.from({ length: ownCores() + 1 }, reader));
  return { ...found, bad: bad.sort((one, other) => one.index - other.index) };
}

async function ofPixels(
  set: Dataset,
  onCount: (done: number) => void = () => undefined,
): Promise<LookedAtImages> {
  const count = set.labels.length;
  const [height, width, channels] = set.shape;
  const size = height * width * channels;
  const digests = new Uint8Array(count * digestBytes);
  let at = 0;
  for await (const { pixels, images } of imageChunks(set)) {
    for (let row = 0; row < images; row++, at++)
      digests.set(
        digestOfPixels(pixels.subarray(row * size, (row + 1) * size), height, width),
        at * digestBytes,
      );
    onCount(at);
  }
  return {
    heights: new Uint32Array(count).fill(height),
    widths: new Uint32Array(count).fill(width),
    formats: new Map(),
    files: null,
    pixels: digests,
    hashes: null,
    mirrored: null,
    plain: new Uint8Array(count),
    bad: [],
  };
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function digestOfPixels(pixels: Uint8Array, height: number, width: number): Buffer {
  return createHash('sha256').update(`${height}x${width} `).update(pixels).digest();
}

/** `[64, 64]`, whatever the image's proportions. */
function thumbnail(pixels: Uint8Array, height: number, width: number): Uint8Array {
  const size = { height: thumbnailSide, width: thumbnailSide };
  return cropArray(luma(pixels), [height, width, 1], {
    ...size,
    region: whole({ height, width }),
    window: whole(size),
    flip: false,
  });
}
