/**
 * How much memory and time reading a file may take, at most: every reader's bounds in one place, by what the file holds.
 * A file that would need more is refused in one line before it gets it. Sizes are bytes unless a name says otherwise.
 * `npx tsx scripts/fuzz/fuzz-readers.ts` measures what damaged files take; results/fuzz has the figures.
 *
 * | reader               | relative to the file                        | absolute                                            |
 * | -------------------- | ------------------------------------------- | --------------------------------------------------- |
 * | zip archive          | entries unpack to 20 times the file + 16 MiB | 4 GiB; 100,000 entries                              |
 * | PyTorch's pickle     | one operation a byte                        | 1,000,000 operations, 2,000,000 elements handed on  |
 * | PyTorch's tensors    | 20 times the storages + 16 MiB, each storage unpacked once | 100,000 tensors of 64 axes           |
 * | safetensors          | the file once                               | a header of 100 MB, 2,000,000 values, 64 deep       |
 * | HDF5                 | 20 times the file + 16 MiB; 20 s + 1 s for each 2 MiB | the library 512 MiB + 4 times the file    |
 * | caffemodel           | each byte is looked at four times           | 100,000 blobs of 32 axes                            |
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
  /** Weights hardly shrink when they are packed; what grows by more than this, and a little, is a bomb. */
  unpacked: { growth: 20, always: 16 * 2 ** 20, most: 4 * 2 ** 30 },
  zip: { entries: 100_000 },
  pickle: { operations: 1_000_000, handedOn: 2_000_000, text: 2 ** 20, line: 1000 },
  /** `growth` and `always`: of the bytes that tensors span, in those of the file's storages, which they may share. */
  torch: { tensors: 100_000, axes: 64, growth: 20, always: 16 * 2 ** 20 },
  /** `header`: the format's own limit. */
  safetensors: { header: 100_000_000, values: 2_000_000 },
  hdf5: {
    objects: 20_000,
    deep: 24,
    texts: 20_000,
    text: 64 * 2 ** 20,
    memory: { always: 512 * 2 ** 20, growth: 4 },
    /** Reading is done at hundreds of megabytes a second. */
    time: { seconds: 20, bytesPerSecond: 2 * 2 ** 20 },
  },
  /** `axes`: Caffe's own kMaxBlobAxes. */
  caffemodel: { blobs: 100_000, axes: 32, name: 10_000 },
  tfjs: { tensors: 100_000, shards: 10_000, axes: 32 },
  /** Of what a file says of its layers; the deepest networks have some thousands. `values`: Caffe’s settings, Keras’s reads. */
  architecture: { layers: 20_000, values: 1_000_000 },
  /** Descriptions of networks, records of ours: the largest published ones have 2 MB. */
  json: { text: 16 * 2 ** 20, values: 1_000_000, deep: 64 },
  text: { bytes: 2 ** 26, lines: 4_000_000 },
  /** JSON and lists of images that this project keeps; Node holds no longer text. */
  kept: { text: 500 * 2 ** 20 },
  /** Of images of digits, of which most is paper; MNIST's own files grow fivefold. */
  gzip: { growth: 100, always: 2 ** 20 },
  idx: { pixels: 2 ** 31 },
  tar: { header: 2 ** 20, saysClass: 2 ** 20 },
  image: {
    /** 120 million pixels of 16 bits and four channels, not compressed. */
    file: 2 ** 30,
    /** The largest cameras of telephones make 108 million. */
    pixels: 120_000_000,
    /** Of a JPEG: encoders make about ten, libtiff stops at as many. Each decodes all pixels again. */
    scans: 100,
    pixelsOverScans: 2_400_000_000,
    /** Of a TIFF or AVIF header: pieces of the image, boxes. */
    parts: 2 ** 20,
  },
} as const;

/** The most bytes that something of so many packed ones may have when it is unpacked. */
export function mostUnpacked(packed: number): number {
  const { growth, always, most } = bounds.unpacked;
  return Math.min(growth * packed + always, most);
}

/** The most bytes that a gzipped file of images may have when it is unpacked. */
export function mostGunzipped(packed: number): number {
  return bounds.gzip.growth * packed + bounds.gzip.always;
}
