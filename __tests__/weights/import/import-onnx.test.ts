/** ONNX files of PyTorch's and Keras's exporters, and by the names of ONNX's model zoo, answer as onnxruntime does. */
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Network } from '../../../src/core/network';
import { useBackend } from '../../../src/runtime/backend';
import { tf } from '../../../src/core/tf';
import { importWeights, type ImportOptions } from '../../../src/weights/import/import-weights';
import type { MappingReport } from '../../../src/weights/import/mapping-report';
import { refusal, temporaryFolder } from '../../support/fixtures';
import { narrow, testImages } from '../../support/weights/narrow-networks';
import { narrowVgg } from '../../support/weights/narrow-vgg';
import { fixtures } from '../../support/places';
import { zoo } from '../../../models/registry';

const folder = join(fixtures, 'weights', 'onnx');
/** By make_onnx_files.py, whose onnxruntime answered. */
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<
  string,
  { side: number; outputs: number[][][] }
>;
const root = temporaryFolder();

beforeAll(() => useBackend());

/** The largest difference between a model's answers and onnxruntime's. */
function difference(model: tf.LayersModel, name: string): number {
  const { side, outputs } = expected[name]!;
  return tf.tidy(() => {
    const [scores] = [model.predict(testImages(side))].flat();
    return scores!.sub(tf.tensor(outputs[0]!)).abs().max().dataSync()[0]!;
  });
}

async function imported(file: string, network: Network, side: number, more: ImportOptions = {}) {
  let report: MappingReport | undefined;
  const found = await importWeights(join(folder, file), network, {
    input: [side, side, 3],
    onReport: (given) => (report = given),
    ...more,
  });
  return { ...found, report: report! };
}

it.each<[string, Network, string]>([
  ['alexnet-torchscript.onnx', narrow['alexnet-torchvision'], 'pytorch'],
  ['alexnet-dynamo.onnx', narrow['alexnet-torchvision'], 'pytorch'],
  ['vgg-a-torchscript.onnx', narrow['vgg-a'], 'pytorch'],
  ['vgg-a-dynamo.onnx', narrow['vgg-a'], 'pytorch'],
  ['vgg-a-mxnet.onnx', narrow['vgg-a'], 'pytorch'],
  ['vgg-d-keras.onnx', narrowVgg, 'keras'],
  ['vgg-d-tf2onnx.onnx', narrowVgg, 'keras'],
  ['alexnet-caffe2.onnx', narrow['alexnet-bvlc'], 'caffe'],
])('%s answers as in onnxruntime, by the names of %#', async (file, network, convention) => {
  const { side } = expected[file]!;
  const before = tf.memory().numTensors;
  const { model, report, missing } = await imported(file, network, side);
  expect(missing).toEqual([]);
  expect(new Set(report.rows.map(({ state }) => state))).toEqual(new Set(['loaded']));
  expect(report.convention).toBe(convention);
  expect(report.architecture).toEqual({ differences: [] });
  expect(difference(model, file)).toBeLessThan(1e-5);
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it.each(['googlenet-torchscript.onnx', 'googlenet-dynamo.onnx'])(
  '%s, whose normalisations became part of its convolutions, answers as in onnxruntime',
  async (file) => {
    const { model, report, missing } = await imported(file, narrow['googlenet-torchvision'], 96);
    expect(missing.every((name) => /^loss[12]\//.test(name))).toBe(true);
    expect(report.notes?.join()).toMatch(/^21 normalisations that the file made part of the convolutions/);
    expect(report.architecture).toEqual({ differences: [] });
    expect(difference(model, file)).toBeLessThan(1e-5);
    model.dispose();
  },
);

it('googlenet-caffe2.onnx, without heads and with poolings as the zoo has them, answers as in onnxruntime', async () => {
  const { model, report, missing } = await imported('googlenet-caffe2.onnx', narrow.googlenet, 96);
  expect(new Set(missing.map((name) => name.split('/')[0]))).toEqual(new Set(['loss1', 'loss2']));
  expect(report.convention).toBe('caffe');
  expect(report.architecture).toEqual({ differences: [] });
  expect(difference(model, 'googlenet-caffe2.onnx')).toBeLessThan(1e-5);
  model.dispose();
});

it('a softmax at the end, as the zoo’s own files have it, is no difference', async () => {
  const { model, report } = await imported('alexnet-caffe2-softmax.onnx', narrow['alexnet-bvlc'], 91);
  expect(report.architecture).toEqual({ differences: [] });
  expect(difference(model, 'alexnet-caffe2.onnx')).toBeLessThan(1e-5);
  model.dispose();
});

it('colours are blue first where Caffe’s weights are', async () => {
  const { model } = await imported('alexnet-caffe2.onnx', narrow['alexnet-bvlc'], 91);
  const { side, outputs } = expected['alexnet-caffe2.onnx']!;
  const apart = tf.tidy(() => {
    const turned = testImages(side).reverse(3);
    return (model.predict(turned) as tf.Tensor).sub(tf.tensor(outputs[0]!)).abs().max().dataSync()[0]!;
  });
  expect(apart).toBeGreaterThan(0.01);
  model.dispose();
});

it('a file without names of layers says that it was matched along its graph', async () => {
  const { model, report } = await imported('vgg-a-mxnet.onnx', narrow['vgg-a'], 64);
  expect(report.notes).toEqual([
    'the file names no layers, which were matched along its graph; its names are those of weights that were trained on images made ready as PyTorch’s',
  ]);
  model.dispose();
});

/** A copy of a file in which the first of some bytes are others, as many. */
function patched(file: string, was: Buffer | string, is: Buffer | string): string {
  const bytes = readFileSync(join(folder, file));
  const at = bytes.indexOf(was);
  expect(at).toBeGreaterThan(0);
  bytes.set(Buffer.from(is), at);
  const path = join(root, `patched-${patches++}.onnx`);
  writeFileSync(path, bytes);
  return path;
}
let patches = 0;

/** A float setting of a node: its name, then field 2 with the number. */
function setting(name: string, value: number): Buffer {
  const number = Buffer.alloc(4);
  number.writeFloatLE(value);
  return Buffer.concat([Buffer.of(0x0a, name.length), Buffer.from(name), Buffer.of(0x15), number]);
}

it.each<[string, Buffer | string, Buffer | string, RegExp]>([
  ['alexnet-caffe2.onnx', 'Relu', 'Tanh', /expected ReLU after conv1, as in alexnet-bvlc, found tanh/],
  [
    'alexnet-caffe2.onnx',
    setting('alpha', 1e-4),
    setting('alpha', 3e-4),
    /expected alpha 0\.00002 of response normalisation after conv1 and ReLU, as in alexnet-bvlc, found 0\.00006/,
  ],
  [
    'alexnet-caffe2.onnx',
    setting('bias', 1),
    setting('bias', 2),
    /expected k 1 of response normalisation after conv1 and ReLU, as in alexnet-bvlc, found 2/,
  ],
])(
  '%s whose layers compute otherwise is refused, and taken despite the differences (%#)',
  async (file, was, is, reason) => {
    const other = patched(file, was, is);
    const network = narrow['alexnet-bvlc'];
    const options = { input: [91, 91, 3] } as const;
    expect(await refusal(importWeights(other, network, options))).toMatch(reason);
    const { model, differences } = await importWeights(other, network, {
      ...options,
      despiteDifferences: true,
    });
    expect(differences.length).toBe(1);
    model.dispose();
  },
);

it('numbers in a file beside the model are read, and from nowhere else', async () => {
  const place = join(root, 'beside');
  mkdirSync(place);
  const copy = join(place, 'alexnet-dynamo.onnx');
  copyFileSync(join(folder, 'alexnet-dynamo.onnx'), copy);
  const network = narrow['alexnet-torchvision'];
  const options = { input: [95, 95, 3] } as const;
  expect(await refusal(importWeights(copy, network, options))).toMatch(
    /expected a file alexnet-dynamo\.onnx\.data beside it with the numbers of "[^"]+", found no such file/,
  );
  symlinkSync(join(folder, 'alexnet-dynamo.onnx.data'), join(place, 'alexnet-dynamo.onnx.data'));
  expect(await refusal(importWeights(copy, network, options))).toMatch(
    /found a link that leads out of the folder/,
  );
  const name = 'alexnet-dynamo.onnx.data';
  for (const away of ['../etc/x', '/etc/passwd', 'C:\\x', '']) {
    const padded = away === '' ? '' : away.padEnd(name.length, 'x');
    if (padded === '') continue;
    const bytes = readFileSync(join(folder, 'alexnet-dynamo.onnx'));
    for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1))
      bytes.set(Buffer.from(padded), at);
    const path = join(place, 'away.onnx');
    writeFileSync(path, bytes);
    expect(await refusal(importWeights(path, network, options))).toMatch(
      /expected the numbers of "[^"]+" in a file of the same folder, found "/,
    );
  }
});

it('a network of others, or another of the zoo, is called by its name', async () => {
  expect(
    await refusal(
      importWeights(join(folder, 'vgg-d-keras.onnx'), narrow['alexnet-bvlc'], { zoo, input: [91, 91, 3] }),
    ),
  ).toMatch(/it looks like vgg-d of this zoo/);
});
