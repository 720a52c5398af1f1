import type { ImageShape } from '../network';
import type { Pictures } from './pictures';

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
  readonly kind: 'images';
  /** Of the images as stored. */
  readonly shape: ImageShape;
  /**
   * The pixels (0–255) of the given images, `[indices, height, width, channels]` in one array.
   * The caller owns it.
   */
  pixels(indices: Int32Array): Promise<Uint8Array>;
}

/** What can be trained and evaluated on. */
export type ImageSet = Dataset | Pictures;

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
  const [height, width, channels] = facts.shape;
  const size = height * width * channels;
  return {
    ...facts,
    kind: 'images',
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
export function subset(data: Pictures, indices: Int32Array, name: string): Pictures;
export function subset(data: ImageSet, indices: Int32Array, name: string): ImageSet;
export function subset(data: ImageSet, indices: Int32Array, name: string): ImageSet {
  const labels = indices.map((index) => data.labels[index]!);
  switch (data.kind) {
    case 'images':
      return {
        ...data,
        name,
        labels,
        pixels: (rows) => data.pixels(rows.map((row) => indices[row]!)),
      };
    case 'pictures':
      return { ...data, name, labels, places: Array.from(indices, (index) => data.places[index]!) };
    default:
      return data satisfies never;
  }
}

/** The indices of a set's images but for some, ascending. */
export function indicesWithout({ labels }: Pick<Labelled, 'labels'>, left: ReadonlySet<number>): Int32Array {
  return Int32Array.from(labels.keys()).filter((index) => !left.has(index));
}
