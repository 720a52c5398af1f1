/**
 * The targets of fuzzing: each reader with undamaged files of its kind, and a digest of everything that it reads from
 * them.
 */
import { sha256OfJson } from '../../src/core/io/hash';
import { narrow } from '../../__tests__/support/weights/narrow-networks';
import type { Network } from '../../src/core/network';
import { elementCount } from '../../src/core/shape';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openCifar } from '../../src/data/formats/cifar';
import { openImage } from '../../src/data/image/open-image';
import type { Dataset } from '../../src/data/dataset';
import { readIdxImages, readIdxLabels } from '../../src/data/formats/idx/idx-file';
import { samplesOf } from '../../src/data/formats/webdataset/samples';
import { openUsps } from '../../src/data/formats/usps';
import { readWeights } from '../../src/train/run/checkpoint';
import { readClassLabels } from '../../src/weights/import/class-labels';
import { importWeights, type ImportOptions } from '../../src/weights/import/import-weights';
import { readImagesFile } from '../../src/train/run/images-file';
import { openModelFolder } from '../../src/weights/model-folder';
import { openRun } from '../../src/train/run/run-record';
import { checkedLine } from '../../src/core/io/checked-lines';
import { readForeign } from '../../src/weights/formats/read-weights';
import { encodeSafetensors } from '../../src/weights/formats/safetensors/safetensors';
import { encodeSealed } from '../../src/weights/formats/safetensors/sealed';
import { sealedJson } from '../../src/core/text/sealed-json';
import { caffeFile, smallLenet } from './small-lenet';
import { tarOf } from './tar';

export interface Target {
  /** Sets of files that are read together; one file of a set is damaged. */
  readonly files: readonly Readonly<Record<string, Buffer>>[];
  /** The approximate share of all mutations, in percent. */
  readonly share: number;
  /** Whether a digest covers all of the files, so that damage must never go unnoticed. */
  readonly sealed?: true;
  /** @returns a digest of what was read */
  read(folder: string): Promise<string>;
}

const stored = join(__dirname, '..', '..', '__tests__', 'fixtures');
const foreign = (name: string) => readFileSync(join(stored, 'weights', name));
/** A file of an earlier release, with the digest added that it lacks. */
const sealedAgain = (name: string) =>
  text(JSON.stringify(sealedJson(JSON.parse(readFileSync(join(stored, 'older', name), 'utf8')) as object)));

/** Weight files of other toolkits, each read on its own. */
function weights(share: number, ...names: readonly string[]): Target {
  return { files: names.map((name) => ({ file: foreign(name) })), share, read: readWeightsFile };
}

async function readWeightsFile(folder: string): Promise<string> {
  const { tensors } = await readForeign(join(folder, 'file'));
  const hash = createHash('sha256');
  for (const { name, shape, values } of tensors)
    hash.update(JSON.stringify([name, shape])).update(await values());
  return hash.digest('hex');
}

async function imported(file: string, network: Network, options: ImportOptions): Promise<string> {
  const { model } = await importWeights(file, network, options);
  const hash = createHash('sha256');
  for (const weight of model.getWeights()) hash.update(await weight.data());
  model.dispose();
  return hash.digest('hex');
}

async function digestOfImages({
  train,
  test,
}: {
  readonly train?: Dataset | undefined;
  readonly test?: Dataset | undefined;
}) {
  const parts = [train, test].map(async (part) => {
    if (!part) return null;
    const pixels = await part.pixels(Int32Array.from(part.labels.keys()));
    return [part.classes, [...part.labels], sha256OfJson([...pixels])];
  });
  return sha256OfJson(await Promise.all(parts));
}

const some = (count: number) => Uint8Array.from({ length: count }, (_, at) => (at * 7919) % 251);
const values = (count: number) => Float32Array.from(some(count), (value) => value / 16);
const tensor = (name: string, shape: readonly number[]) => ({
  name,
  shape,
  dtype: 'F32' as const,
  data: values(elementCount(shape)),
});

const progress = JSON.stringify({
  ...{ done: 9, epochs: 1, lossSum: 1.5, images: 32, seconds: 3, best: null, plateau: null },
});

function idx(sizes: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(0x800 + sizes.length);
  sizes.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  return Buffer.concat([header, some(elementCount(sizes))]);
}

const imageNames = readdirSync(join(stored, 'images', 'stored'));
const image = (name: string) => readFileSync(join(stored, 'images', 'stored', name));
const images = (share: number, ending: RegExp): Target => ({
  files: imageNames.filter((name) => ending.test(name)).map((name) => ({ image: image(name) })),
  share,
  read: async (folder) => {
    const image = await openImage({ file: join(folder, 'image') }, 3);
    const { height, width } = image.size;
    const pixels = await image.decode();
    return createHash('sha256')
      .update(JSON.stringify([height, width]))
      .update(pixels)
      .digest('hex');
  },
});

const tfjsManifest = {
  modelTopology: { config: { layers: [] } },
  weightsManifest: [
    {
      paths: ['a.bin', 'b.bin'],
      weights: [
        { name: 'c/kernel', shape: [5, 4], dtype: 'float32' },
        {
          name: 'c/bias',
          shape: [4],
          dtype: 'float32',
          quantization: { dtype: 'uint8', scale: 0.1, min: -1 },
        },
      ],
    },
  ],
};

const cifar = (label: number) => Buffer.of(label, ...some(3072));

const text = (...lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''));
const uspsLine = (label: number) =>
  [label, ...Array.from(some(256), (value) => (value / 125.5 - 1).toFixed(3))].join(' ');

export const targets: Readonly<Record<string, Target>> = {
  'PyTorch, zip': weights(
    9,
    ...['alexnet.pth', 'alexnet-protocol-5.pth', 'views.pth', 'vgg-a.pth'],
    ...['wrapped/metadata.pth', 'wrapped/metadata-5.pth', 'wrapped/timm.pth.tar', 'wrapped/lightning.ckpt'],
  ),
  'PyTorch, before 1.6': weights(7, 'alexnet-legacy.pth', 'wrapped/imagenet-example-legacy.pth'),
  safetensors: {
    files: [
      {
        file: Buffer.from(
          encodeSafetensors([tensor('c/kernel', [3, 3, 1, 4]), tensor('c/bias', [4])], { by: 'hand' }),
        ),
      },
    ],
    share: 8,
    read: readWeightsFile,
  },
  'checkpoint (last, best)': {
    files: [
      {
        'last.safetensors': encodeSealed(
          [tensor('weights/c/kernel', [3, 3, 1, 4]), tensor('memory/c/kernel', [3, 3, 1, 4])],
          { progress },
        ),
      },
    ],
    share: 8,
    sealed: true,
    read: async (folder) =>
      sha256OfJson(
        (await readWeights(join(folder, 'last.safetensors'))).arrays.map((each) => ({
          ...each,
          values: [...each.values],
        })),
      ),
  },
  'Keras, .keras': weights(1, 'normalised.keras', 'vgg-d.keras'),
  'Keras, HDF5': weights(
    0.5, // each is read in a thread of its own, which takes most of a second to start
    'normalised.h5',
    'vgg-d-unnamed.weights.h5',
    'numbers.weights.h5',
    'vgg-d-keras-1.h5',
  ),
  Caffe: weights(7, 'alexnet.caffemodel', 'alexnet-v1.caffemodel'),
  'Caffe, with its layers': {
    files: [{ file: caffeFile() }],
    share: 2,
    read: (folder) => imported(join(folder, 'file'), smallLenet, { classes: 10 }),
  },
  ONNX: {
    files: [
      ...['alexnet-torchscript', 'alexnet-caffe2', 'vgg-d-keras', 'numbers'].map((name) => ({
        file: foreign(`onnx/${name}.onnx`),
      })),
      {
        file: foreign('onnx/alexnet-dynamo.onnx'),
        'alexnet-dynamo.onnx.data': foreign('onnx/alexnet-dynamo.onnx.data'),
      },
    ],
    share: 7,
    read: readWeightsFile,
  },
  'ONNX, with its layers': {
    files: ['torchscript', 'dynamo', 'mxnet'].map((way) => ({ file: foreign(`onnx/vgg-a-${way}.onnx`) })),
    share: 3,
    read: (folder) => imported(join(folder, 'file'), narrow['vgg-a'], { input: [64, 64, 3] }),
  },
  'TensorFlow.js': {
    files: [
      {
        file: Buffer.from(JSON.stringify(tfjsManifest)),
        'a.bin': Buffer.from(some(50)),
        'b.bin': Buffer.from(some(34)),
      },
    ],
    share: 7,
    read: readWeightsFile,
  },
  IDX: {
    files: [
      { images: idx([9, 8, 8]), labels: idx([9]) },
      { images: gzipSync(idx([9, 8, 8])), labels: gzipSync(idx([9])) },
    ],
    share: 7,
    read: async (folder) => {
      const { images, shape, pixels } = await readIdxImages(join(folder, 'images'));
      return sha256OfJson([images, shape, [...pixels], [...(await readIdxLabels(join(folder, 'labels')))]]);
    },
  },
  CIFAR: {
    files: [{ 'data_batch_1.bin': Buffer.concat([cifar(3), cifar(9)]), 'test_batch.bin': cifar(0) }],
    share: 2,
    read: async (folder) => digestOfImages(await openCifar(folder, 'cifar')),
  },
  USPS: {
    files: [
      { 'zip.train': text(uspsLine(3), uspsLine(8)), 'zip.test': text(uspsLine(1)) },
      {
        'zip.train.gz': gzipSync(text(uspsLine(3), uspsLine(8))),
        'zip.test.gz': gzipSync(text(uspsLine(1))),
      },
    ],
    share: 3,
    read: async (folder) => digestOfImages(await openUsps(folder, 'usps')),
  },
  'tar shards': {
    files: [
      {
        'a.tar': tarOf({
          'one.png': image('deep.png').subarray(0, 900),
          'one.cls': Buffer.from('3'),
          'two.jpg': image('baseline.jpg').subarray(0, 900),
          'two.json': Buffer.from('{"label": 5, "text": ["a", "b"]}'),
        }),
      },
    ],
    share: 7,
    read: async (folder) => {
      const { samples, leftOut } = await samplesOf(join(folder, 'a.tar'));
      return sha256OfJson([samples.map(({ label, imageFile }) => [label, imageFile.part]), leftOut]);
    },
  },
  JPEG: images(6, /\.jpe?g$/),
  PNG: images(4, /\.png$/),
  WebP: images(3, /\.webp$/),
  GIF: images(3, /\.gif$/),
  TIFF: images(4, /\.tiff?$/),
  AVIF: images(1, /\.avif$/),
  BMP: images(3, /\.bmp$/),
  'labels of classes': {
    files: [
      { labels: text('n01440764 tench', 'n01443537 goldfish', 'n01484850 great white shark') },
      { labels: Buffer.from(`\ufeff${['Katze', 'Hund', 'Maus'].join('\r\n')}`, 'utf16le') },
    ],
    share: 3,
    read: async (folder) => sha256OfJson(await readClassLabels(join(folder, 'labels'), 3)),
  },
  'run.json': {
    files: [{ 'run.json': sealedAgain('run/run.json') }],
    share: 2,
    sealed: true,
    read: async (folder) => sha256OfJson(await openRun(folder)),
  },
  'network.json': {
    files: [{ 'network.json': sealedAgain('tuned/network.json') }],
    share: 2,
    sealed: true,
    read: async (folder) => sha256OfJson(await openModelFolder(folder)),
  },
  'images.jsonl': {
    files: [
      {
        'images.jsonl': Buffer.from(
          [
            { folder: '/photos' },
            ...['cat', 'dog'].map((name) => ({
              ...{ part: 'train', class: name, file: `${name}/1.jpg`, sha256: sha256OfJson(name) },
            })),
          ]
            .map(checkedLine)
            .join(''),
        ),
      },
    ],
    share: 2,
    read: async (folder) => sha256OfJson(readImagesFile(folder) ?? null),
  },
};
