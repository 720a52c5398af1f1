import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../../models/registry';
import { UserError } from '../../../src/core/errors';
import { fullyConnected } from '../../../src/layers/fully-connected';
import type { Network } from '../../../src/core/network';
import { useBackend } from '../../../src/runtime/backend';
import { mappingText } from '../../../src/report/mapping-text';
import { tf } from '../../../src/core/tf';
import { importWeights } from '../../../src/weights/import/import-weights';
import { hdf5Bytes, readHdf5 } from '../../../src/weights/formats/keras/hdf5';
import { readKerasArchive, readKerasHdf5 } from '../../../src/weights/formats/keras/keras';
import type { MappingReport } from '../../../src/weights/import/mapping-report';
import { readForeign } from '../../../src/weights/formats/read-weights';
import { testImages } from '../../support/weights/narrow-networks';
import { narrowVgg } from '../../support/weights/narrow-vgg';
import { fixtures } from '../../support/places';

const folder = join(fixtures, 'weights');
const expected = JSON.parse(readFileSync(join(folder, 'keras-expected.json'), 'utf8')) as Record<
  string,
  { side: number; outputs: number[][] }
>;

beforeAll(() => useBackend());

/** The other network of `make_keras_files.py`; its layers have Keras's names here too. */
const normalised: Network = {
  ...zoo['vgg-d'],
  head: ['scores'],
  weights: [
    {
      toolkit: 'keras',
      layers: { zeta: 'zeta', scale: 'scale', alpha: 'alpha', scores: 'scores' },
      preprocess: [],
      files: [],
    },
  ],
  build: ({ classes, input }) => {
    const image = tf.input({ shape: [...input!] });
    const layer = (given: tf.layers.Layer, below: tf.SymbolicTensor) =>
      given.apply(below) as tf.SymbolicTensor;
    const conv = { kernelSize: 3 };
    const zeta = layer(tf.layers.conv2d({ name: 'zeta', filters: 3, useBias: false, ...conv }), image);
    const scale = layer(tf.layers.batchNormalization({ name: 'scale', epsilon: 0.001 }), zeta);
    const alpha = layer(tf.layers.conv2d({ name: 'alpha', filters: 2, activation: 'relu', ...conv }), image);
    const joined = tf.layers.concatenate({}).apply([scale, alpha]) as tf.SymbolicTensor;
    const scores = fullyConnected(joined, { name: 'scores', units: classes });
    return tf.model({ name: 'normalised', inputs: image, outputs: scores });
  },
};

it.each([
  ['vgg-d.h5', narrowVgg, 'vgg-d'],
  ['vgg-d-keras-1.h5', narrowVgg, 'vgg-d'],
  ['vgg-d.weights.h5', narrowVgg, 'vgg-d'],
  ['vgg-d.keras', narrowVgg, 'vgg-d'],
  ['vgg-d-twice.keras', narrowVgg, 'vgg-d'],
  ['normalised.h5', normalised, 'normalised'],
  ['normalised.keras', normalised, 'normalised'],
  ['normalised-old.keras', normalised, 'normalised-old'],
] as const)('%s answers as in Keras, and nothing else is taken from it', async (file, network, answers) => {
  const { side, outputs } = expected[answers]!;
  const before = tf.memory().numTensors;
  const { model, report, format } = await importWeights(join(folder, file), network, {
    input: [side, side, 3],
    convention: 'keras',
  });
  expect(format).toBe('keras');
  expect(new Set(report.rows.map(({ state }) => state))).toEqual(new Set(['loaded']));
  const apart = tf.tidy(() => {
    const scores = model.predict(testImages(side)) as tf.Tensor;
    return scores.sub(tf.tensor2d(outputs)).abs().max().dataSync()[0]!;
  });
  expect(apart).toBeLessThan(1e-5);
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it.each([
  'vgg-d-unnamed.weights.h5', // over ten convolutions, which HDF5 lists as 1, 10, 11, 2
  'vgg-d-twice.weights.h5', // of a Keras that counts 2, 4, 6
])('%s, without the names of its layers, is read by position, as Keras does, and says so', async (name) => {
  const { side, outputs } = expected['vgg-d']!;
  const file = join(folder, name);
  const texts: string[] = [];
  const onReport = (report: MappingReport) => void texts.push(mappingText(report));
  const { model } = await importWeights(file, narrowVgg, { input: [side, side, 3], onReport });
  const apart = tf.tidy(() => {
    const scores = model.predict(testImages(side)) as tf.Tensor;
    return scores.sub(tf.tensor2d(outputs)).abs().max().dataSync()[0]!;
  });
  expect(apart).toBeLessThan(1e-5);
  model.dispose();
  expect(texts.join()).toMatch(/the file names no layers: of each kind they were taken in their order/);
  await expect(importWeights(file, normalised, { input: [8, 8, 3] })).rejects.toThrow(
    /4 missing \(scale\/gamma/,
  );
});

it('every kind of number is read, from the newest layout of groups as well', async () => {
  const { tensors } = await readForeign(join(folder, 'numbers.weights.h5'));
  const found = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const values = async (name: string) => [...(await found.get(`${name}/kernel`)!.values())];
  const row = Array.from({ length: 24 }, (_, at) => at);
  expect([...found.keys()].sort()).toEqual(
    ['big_endian', 'brain', 'double', 'empty', 'half', 'packed', 'scalar'].map((name) => `${name}/kernel`),
  );
  expect(found.get('half/kernel')!.shape).toEqual([2, 3, 4]);
  expect(await values('half')).toEqual(row.map((at) => at / 16));
  expect(await values('double')).toEqual(row.map((at) => Math.fround(at / 3)));
  expect(await values('big_endian')).toEqual(row);
  expect(await values('brain')).toEqual(row);
  expect(found.get('scalar/kernel')!.shape).toEqual([]);
  expect(await values('scalar')).toEqual([5]);
  expect(found.get('empty/kernel')!.shape).toEqual([0, 3]);
  expect(await values('empty')).toEqual([]);
  expect(await values('packed')).toEqual(row);
});

it('the numbers handed out are the caller’s own', async () => {
  const { tensors } = await readKerasHdf5(join(folder, 'numbers.weights.h5'));
  const half = tensors.find(({ name }) => name === 'half/kernel')!;
  (await half.values()).fill(7);
  expect((await half.values())[1]).toBe(1 / 16);
});

describe('a file that Keras could have written', () => {
  const kernel = () => ({ shape: [1], values: Float32Array.of(1) });
  const layers = (name: string | null) => ({
    groups: {
      layers: {
        groups: {
          conv2d: {
            groups: { vars: { ...(name && { attributes: { name } }), datasets: { '0': kernel() } } },
          },
        },
      },
    },
  });

  it('within a model and without the names of its layers is refused with the way to keep them', async () => {
    const inner = { groups: { layers: { groups: { functional: layers(null) } } } };
    await expect(readKerasHdf5(await hdf5Bytes(inner), 'net.weights.h5')).rejects.toThrow(
      new UserError(
        'net.weights.h5: expected the names of layers, which older versions of Keras 3 wrote by model.save("….keras") only, found none for "conv2d"',
      ),
    );
    const named = await readKerasHdf5(await hdf5Bytes(layers('conv1')), 'net.weights.h5');
    expect(named.tensors.map(({ name }) => name)).toEqual(['conv1/kernel']);
    expect(named.byPosition).toBeUndefined();
  });

  it('with layers of a model within the model is read by their own names', async () => {
    const inner = (layer: string) => ({
      groups: { [layer]: { datasets: { 'kernel:0': kernel(), 'bias:0': kernel() } } },
    });
    const file = await hdf5Bytes({
      groups: {
        vgg16: { groups: { ...inner('conv1').groups, ...inner('conv2').groups } },
        head: inner('head_1'),
      },
    });
    const { tensors } = await readKerasHdf5(file);
    expect(tensors.map(({ name }) => name).sort()).toEqual(
      ['conv1', 'conv2', 'head'].flatMap((layer) => [`${layer}/bias`, `${layer}/kernel`]),
    );
  });

  it('without weights, or with two of one name, is refused', async () => {
    await expect(readKerasHdf5(await hdf5Bytes({}), 'net.h5')).rejects.toThrow(
      'net.h5: expected weights of layers, as Keras keeps them, found none',
    );
    const file = await hdf5Bytes({
      groups: { dense: { datasets: { 'kernel:0': kernel(), kernel: kernel() } } },
    });
    await expect(readKerasHdf5(file, 'net.h5')).rejects.toThrow(
      'net.h5: expected every weight once, found two of "dense/kernel"',
    );
  });
});

it('an archive without its parts is refused', async () => {
  const empty = Buffer.from('PK\x05\x06'.padEnd(22, '\0'), 'latin1');
  await expect(readKerasArchive(empty, 'net.keras')).rejects.toThrow(
    'net.keras: expected an entry config.json, as Keras’s archives have, found none',
  );
});

it('an HDF5 file is written as h5py, by the library that reads it, would find it', async () => {
  const values = Float32Array.of(1, -2, 3e38, 0.25, NaN, -0);
  const file = await hdf5Bytes({
    attributes: { layer_names: ['conv', 'fünf'], backend: 'tensorflow' },
    groups: { conv: { datasets: { 'kernel:0': { shape: [2, 3], values: values.slice() } } } },
  });
  expect(Buffer.from(file.subarray(0, 8))).toEqual(Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'));
  const { attributes, datasets } = await readHdf5(file, { attributes: ['layer_names', 'backend'] });
  expect(attributes.get('/')).toEqual({ layer_names: ['conv', 'fünf'], backend: ['tensorflow'] });
  expect(datasets).toEqual([{ path: '/conv/kernel:0', shape: [2, 3], values }]);
});
