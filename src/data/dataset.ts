/** What a data set is: labelled images, in memory as pixels or in files of any size. */
import { elementCount } from '../core/shape';
import type { ImageShape } from '../core/network';

/** What is known of every data set. */
export interface Labelled {
  /** A name for people and logs, such as `mnist test`. */
  readonly name: string;
  /** Whether a program drew the images: errors measured on them then say nothing about the real world. */
  readonly synthetic: boolean;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** The WordNet id of each class, such as `n01440764`, where the data set has them. */
  readonly synsets?: readonly string[];
  /** One label for each image; the length is the number of images. */
  readonly labels: Int32Array;
}

/** Labelled images of one shape, read by index. */
export interface Dataset extends Labelled {
  readonly kind: 'pixels';
  /** The shape of each image as stored. */
  readonly shape: ImageShape;
  /**
   * The pixels (0–255) of the given images, `[indices, height, width, channels]` in one array.
   * The caller owns it.
   */
  pixels(indices: Int32Array): Promise<Uint8Array>;
}

/** What can be trained and evaluated on. */
export type ImageSet = Dataset | ImageFiles;

/** What a reader of a data set returns. */
export interface Splits<Kind extends ImageSet = ImageSet> {
  readonly train: Kind;
  /** The images that choose the best epoch, if the data set has any besides the test set. */
  readonly validation?: Kind;
  readonly test: Kind;
}

/** A data set that lies in memory: `pixels` holds all images, `[images, height, width, channels]`. */
export function datasetInMemory(
  facts: Omit<Dataset, 'kind' | 'pixels'> & { readonly pixels: Uint8Array },
): Dataset {
  const size = elementCount(facts.shape);
  return {
    ...facts,
    kind: 'pixels',
    pixels: async (indices) => {
      const chosen = new Uint8Array(indices.length * size);
      indices.forEach((index, row) =>
        chosen.set(facts.pixels.subarray(index * size, (index + 1) * size), row * size),
      );
      return chosen;
    },
  };
}

/** Part of a data set, in the order of `indices`. */
export function subset(data: Dataset, indices: Int32Array, name: string): Dataset;
export function subset(data: ImageFiles, indices: Int32Array, name: string): ImageFiles;
export function subset(data: ImageSet, indices: Int32Array, name: string): ImageSet;
export function subset(data: ImageSet, indices: Int32Array, name: string): ImageSet {
  const labels = indices.map((index) => data.labels[index]!);
  switch (data.kind) {
    case 'pixels':
      return {
        ...data,
        name,
        labels,
        pixels: (rows) => data.pixels(rows.map((row) => indices[row]!)),
      };
    case 'files':
      return { ...data, name, labels, files: Array.from(indices, (index) => data.files[index]!) };
    default:
      return data satisfies never;
  }
}

/** The indices of all images of a set except those in `left`, ascending. */
export function indicesWithout({ labels }: Pick<Labelled, 'labels'>, left: ReadonlySet<number>): Int32Array {
  return Int32Array.from(labels.keys()).filter((index) => !left.has(index));
}

/** The size of one chunk in bytes: large enough to be worth a matrix product, small enough for any memory. */
const chunkSize = 2 ** 22;

/** All images of a data set in chunks: each image once, in the order of the data set, undistorted. */
export async function* imageChunks(
  data: Dataset,
): AsyncGenerator<{ readonly pixels: Uint8Array; readonly images: number }, void> {
  const size = elementCount(data.shape);
  const most = Math.max(1, Math.floor(chunkSize / size));
  const count = data.labels.length;
  for (let start = 0; start < count; start += most) {
    const images = Math.min(most, count - start);
    yield { pixels: await data.pixels(Int32Array.from({ length: images }, (_, at) => start + at)), images };
  }
}

/** Labelled image files of any size, decoded when they are read. */
export interface ImageFiles extends Labelled {
  readonly kind: 'files';
  /** One file for each label. Plain data, so that it can be sent to worker threads. */
  readonly files: readonly ImageFile[];
}

/** Where an image's bytes lie. */
export interface ImageFile {
  /** The file; of an image that is given by its bytes, its name in messages. */
  readonly file: string;
  /** The encoded image itself, if it was given by its bytes and is read from no file. */
  readonly bytes?: Uint8Array;
  /** If the file is an archive: the image's first byte in it, and the number of bytes. */
  readonly part?: { readonly offset: number; readonly length: number; readonly name: string };
  /** Set for a packed image (see `packImages`), whose bytes are raw pixels and not an encoded image. */
  readonly packed?: PackedPixels;
}

/** What is known of an image that lies in a cache as raw pixels. */
export interface PackedPixels {
  readonly shape: ImageShape;
  /** The checksum of the pixels; null if an earlier release packed them. */
  readonly crc32: number | null;
}
