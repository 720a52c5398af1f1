/**
 * Limits on the memory and time for reading a file, for every reader in one place, by the content of the file.
 * A file that would need more is refused with a one-line message before it takes that much. Sizes are in bytes unless
 * a name says otherwise. `npx tsx scripts/fuzz/fuzz-readers.ts` measures the costs of damaged files; the figures are
 * in results/fuzz.
 *
 * | reader               | relative to the file                        | absolute                                            |
 * | -------------------- | ------------------------------------------- | --------------------------------------------------- |
 * | zip archive          | entries unpack to 20 times the file + 16 MiB | 4 GiB; 100,000 entries                              |
 * | PyTorch's pickle     | one operation a byte                        | 1,000,000 operations, 2,000,000 elements handed on  |
 * | PyTorch's tensors    | 20 times the storages + 16 MiB, each storage unpacked once | 100,000 tensors of 64 axes           |
 * | safetensors          | the file once                               | a header of 100 MB, 2,000,000 values, 64 deep       |
 * | HDF5                 | 20 times the file + 16 MiB; 20 s + 1 s for each 2 MiB | the library 512 MiB + 4 times the file    |
 * | caffemodel           | each byte is looked at four times           | 100,000 blobs of 32 axes                            |
 * | ONNX                 | a tensor once, twice if it is kept elsewhere | 100,000 tensors of 32 axes, constants made of  |
 * |                      |                                             | each other 16 deep                                  |
 * | layers, of any       | 100 bytes of memory a setting               | 20,000 layers, 1,000,000 settings of Caffe’s, or    |
 * |                      |                                             | reads of Keras’s layers                             |
 * | TensorFlow.js        | each shard once                             | 10,000 shards, 100,000 weights of 32 axes           |
 * | JSON                 | 60 bytes of memory a value                  | 16 MiB, 1,000,000 values, 64 deep                   |
 * | what runs keep       | as JSON                                     | 500 MiB                                             |
 * | text, labels         | 20 times the file                           | 64 MiB, 4,000,000 lines                             |
 * | IDX, USPS, gzipped   | 100 times the file + 1 MiB                  | 2 GiB of pixels, 64 MiB of text                     |
 * | CIFAR's binary files | twice the files                             | 2 GiB a file                                        |
 * | tar                  | a record for each 512 bytes                 | 1 MiB a header; 1 MiB that say a class              |
 * | images             | their headers once                          | 1 GiB a file, 120 million pixels, 100 scans,        |
 * |                      |                                             | 2,400 million pixels over all scans                 |
 */
export const bounds = {
  /**
   * Weights hardly shrink when they are compressed; a file that grows by more than this, and a little, is a zip bomb.
   */
  unpacked: { growth: 20, always: 16 * 2 ** 20, most: 4 * 2 ** 30 },
  zip: { entries: 100_000 },
  pickle: { operations: 1_000_000, handedOn: 2_000_000, text: 2 ** 20, line: 1000 },
  /**
   * `growth` and `always` limit the bytes that all tensors span, relative to the file's storages, which they may share.
   */
  torch: { tensors: 100_000, axes: 64, growth: 20, always: 16 * 2 ** 20 },
  /** `header`: the format's own limit. */
  safetensors: { header: 100_000_000, values: 2_000_000 },
  hdf5: {
    objects: 20_000,
    deep: 24,
    texts: 20_000,
    text: 64 * 2 ** 20,
    memory: { always: 512 * 2 ** 20, growth: 4 },
    /** Reading normally runs at hundreds of megabytes per second. */
    time: { seconds: 20, bytesPerSecond: 2 * 2 ** 20 },
  },
  /** `axes`: Caffe's own kMaxBlobAxes. */
  caffemodel: { blobs: 100_000, axes: 32, name: 10_000 },
  /** `deep`: constants that are made of constants. */
  onnx: { tensors: 100_000, axes: 32, deep: 16 },
  tfjs: { tensors: 100_000, shards: 10_000, axes: 32 },
  /** Layers in a file; the deepest networks have some thousands. `values`: Caffe’s settings, Keras’s reads. */
  architecture: { layers: 20_000, values: 1_000_000 },
  /** Descriptions of networks, and this project's records: the largest published ones have 2 MB. */
  json: { text: 16 * 2 ** 20, values: 1_000_000, deep: 64 },
  text: { bytes: 2 ** 26, lines: 4_000_000 },
  /** JSON and lists of images that this project writes; Node cannot hold a longer string. */
  kept: { text: 500 * 2 ** 20 },
  /** Images of digits consist mostly of blank paper; MNIST's own files grow fivefold. */
  gzip: { growth: 100, always: 2 ** 20 },
  idx: { pixels: 2 ** 31 },
  tar: { header: 2 ** 20, saysClass: 2 ** 20 },
  image: {
    /** 120 million uncompressed pixels with four channels of 16 bits. */
    file: 2 ** 30,
    /** The largest phone cameras take images of 108 million pixels. */
    pixels: 120_000_000,
    /**
     * Scans of a JPEG: encoders write about ten, and libtiff stops at 100 as well. Each scan decodes all pixels again.
     */
    scans: 100,
    pixelsOverScans: 2_400_000_000,
    /** Entries of a TIFF or AVIF header: parts of the image, boxes. */
    parts: 2 ** 20,
  },
} as const;

/** The most bytes that `packed` compressed bytes may unpack to. */
export function mostUnpacked(packed: number): number {
  const { growth, always, most } = bounds.unpacked;
  return Math.min(growth * packed + always, most);
}

/** The most bytes that a gzipped file of images may unpack to. */
export function mostGunzipped(packed: number): number {
  return bounds.gzip.growth * packed + bounds.gzip.always;
}
