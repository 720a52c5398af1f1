/** What a data set is: labelled images, in memory as pixels or in files of any size. */
import { elementCount } from '../core/shape';
import type { ImageShape } from '../core/network';

/** What every data set says of itself. */
export interface Labelled {
  /** For people and logs, such as `mnist test`. */
  readonly name: string;
  /** Drawn by a program rather than collected: figures on it say nothing about the real world. */
  readonly synthetic: boolean;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** WordNet's id of each class, such as `n01440764`, where the data tells them. */
  readonly synsets?: readonly string[];
  /** One label an image; its length is the number of images. */
  readonly labels: Int32Array;
}

/** Labelled images of one shape, read by index. */
export interface Dataset extends Labelled {
  readonly kind: 'pixels';
  /** Of the images as stored. */
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
  /** Chooses the best epoch, where there is one beside the test set. */
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

/** The indices of a set's images but for some, ascending. */
export function indicesWithout({ labels }: Pick<Labelled, 'labels'>, left: ReadonlySet<number>): Int32Array {
  return Int32Array.from(labels.keys()).filter((index) => !left.has(index));
}

/** Of one chunk, in bytes: large enough to be worth a matrix product, small beside any memory. */
const chunkSize = 2 ** 22;

/** All images of a data set, once, in its own order and undistorted, some at a time. */
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
  /** One for each label. Plain data, so that worker threads can be handed it. */
  readonly files: readonly ImageFile[];
}

/** Where an image's bytes lie. */
export interface ImageFile {
  readonly file: string;
  /** Where the image is part of the file, an archive: its first byte, and how many. */
  readonly part?: { readonly offset: number; readonly length: number; readonly name: string };
  /** Of an image that was packed (see `packImages`): the bytes are no encoded image but its pixels. */
  readonly packed?: PackedPixels;
}

export interface PackedPixels {
  readonly shape: ImageShape;
  /** Of the pixels; null where an earlier release packed them. */
  readonly crc32: number | null;
}
