import type { ImageShape } from '../network';

/** What every data set says of itself. */
export interface Labelled {
  /** For people and logs, such as `mnist test`. */
  readonly name: string;
  /** Drawn by a program rather than collected: figures on it say nothing about the real world. */
  readonly synthetic: boolean;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** One label an image; its length is the number of images. */
  readonly labels: Int32Array;
}

/** Labelled images of one shape, read by index. */
export interface Dataset extends Labelled {
  /** Of the images as stored. */
  readonly shape: ImageShape;
  /**
   * The pixels (0–255) of the given images, `[indices, height, width, channels]` in one array.
   * The caller owns it.
   */
  pixels(indices: Int32Array): Promise<Uint8Array>;
}

/** What a reader of a data set returns. */
export interface Splits {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** A data set that lies in memory: `pixels` holds all images, `[images, height, width, channels]`. */
export function datasetInMemory(facts: Omit<Dataset, 'pixels'> & { readonly pixels: Uint8Array }): Dataset {
  const [height, width, channels] = facts.shape;
  const size = height * width * channels;
  return {
    ...facts,
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
export function subset(dataset: Dataset, indices: Int32Array, name: string): Dataset {
  return {
    ...dataset,
    name,
    labels: indices.map((index) => dataset.labels[index]!),
    pixels: (rows) => dataset.pixels(rows.map((row) => indices[row]!)),
  };
}
