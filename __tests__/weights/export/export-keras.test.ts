import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../../models/registry';
import { UserError } from '../../../src/core/errors';
import { CeilPool } from '../../../src/layers/ceil-pool';
import { GroupedConv2D } from '../../../src/layers/grouped-conv';
import { SeededDropout } from '../../../src/layers/seeded-dropout';
import type { BuildOptions, Network } from '../../../src/core/network';
import { useBackend } from '../../../src/runtime/backend';
import { tf } from '../../../src/core/tf';
import { kerasFile } from '../../../src/weights/export/keras/keras';
import { kerasOrder } from '../../../src/weights/export/keras/keras';
import { safetensorsFile } from '../../../src/weights/export/safetensors';
import { importWeights } from '../../../src/weights/import/import-weights';
import type { TrainedModel } from '../../../src/weights/trained-model';
import { readHdf5 } from '../../../src/weights/formats/keras/hdf5';
import { readSafetensors } from '../../../src/weights/formats/safetensors/read-safetensors';
import { temporaryFolder } from '../../support/fixtures';
import { narrow } from '../../support/weights/narrow-networks';
import { narrowVgg } from '../../support/weights/narrow-vgg';
import { fixtures } from '../../support/places';

const folder = join(fixtures, 'weights');
const out = temporaryFolder();
beforeAll(() => useBackend());

function trained(network: string, model: tf.LayersModel): TrainedModel {
  const { recipe } = zoo['vgg-d'];
  return { network, model, recipe, fitted: {}, labels: ['a', 'b'], synsets: null, source: { kind: 'made' } };
}

it('what Keras wrote, imported and exported, has the numbers, names and order that Keras gave them', async () => {
  const { model } = await importWeights(join(folder, 'vgg-d.h5'), narrowVgg, { input: [64, 64, 3] });
  const { bytes, blueFirst } = await kerasFile(trained('vgg-d', model), narrowVgg);
  expect(blueFirst).toBe(true);
  const attributes = [
    'layer_names',
    'weight_names',
    'model_config',
    'cnn_lineage',
    'keras_version',
    'backend',
  ];
  const [ours, theirs] = [
    await readHdf5(bytes, { attributes }),
    await readHdf5(join(folder, 'vgg-d.h5'), { attributes }),
  ];
  // Keras 3 puts the model's name between, and leaves out the number of the output.
  const plain = (path: string) => path.replace('/vgg16/', '/').replace(/:0$/, '');
  const sorted = ({ datasets }: typeof ours) =>
    datasets
      .map(({ path, ...others }) => ({ path: plain(path), ...others }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  expect(sorted(ours).map(({ path, shape }) => [path, shape])).toEqual(
    sorted(theirs).map(({ path, shape }) => [path, shape]),
  );
  sorted(ours).forEach(({ values }, index) => {
    const expected = sorted(theirs)[index]!.values;
    expect(Buffer.from(values.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
  });
  const namesOf = ({ attributes: texts }: typeof ours) =>
    texts.get('/model_weights')!['layer_names']!.filter((name) => !/pool|flatten/.test(name));
  expect(namesOf(ours)).toEqual(namesOf(theirs));
  expect(ours.attributes.get('/model_weights/fc1')).toEqual({ weight_names: ['fc1/kernel:0', 'fc1/bias:0'] });
  expect(ours.attributes.get('/')).toMatchObject({ keras_version: ['2.15.0'], backend: ['tensorflow'] });
  const facts = JSON.parse(ours.attributes.get('/')!['cnn_lineage']![0]!) as object;
  expect(facts).toMatchObject({ network: 'vgg-d', blueFirst: true, labels: ['a', 'b'] });
  model.dispose();
});

interface KerasConfig {
  readonly class_name: string;
  readonly config: {
    readonly layers: readonly { class_name: string; name: string; config: object; inbound_nodes: unknown }[];
    readonly input_layers: unknown;
    readonly output_layers: unknown;
  };
}

function networkOf(name: string, layers: (image: tf.SymbolicTensor) => tf.SymbolicTensor): Network {
  const build = () => {
    const image = tf.input({ shape: [6, 6, 4], name: 'image' });
    return tf.model({ name, inputs: image, outputs: layers(image) });
  };
  const { paper, recipe } = zoo['lenet-caffe'];
  return { paper, recipe, head: ['full'], build };
}

it('our layers that Keras has under other names are described in its words, without slashes in names', async () => {
  const through = (below: tf.SymbolicTensor, layer: tf.layers.Layer) =>
    layer.apply(below) as tf.SymbolicTensor;
  const network = networkOf('mixed', (image) => {
    const grouped = through(
      image,
      new GroupedConv2D({ name: 'conv', filters: 6, kernelSize: 3, groups: 2, activation: 'relu' }),
    );
    const pooled = through(grouped, new CeilPool({ name: 'in/pool', kind: 'max', size: 2, stride: 2 }));
    const dropped = through(pooled, new SeededDropout({ name: 'drop', rate: 0.25 }));
    return through(
      through(dropped, tf.layers.flatten({ name: 'flat' })),
      tf.layers.dense({ name: 'in/full', units: 2 }),
    );
  });
  const model = network.build({ classes: 2, seed: 1 });
  const { bytes, blueFirst } = await kerasFile(trained('mixed', model), network);
  expect(blueFirst).toBe(false);
  const { attributes, datasets } = await readHdf5(bytes, { attributes: ['model_config'] });
  const { class_name, config } = JSON.parse(attributes.get('/')!['model_config']![0]!) as KerasConfig;
  expect(class_name).toBe('Functional');
  expect(config).toMatchObject({ input_layers: [['image', 0, 0]], output_layers: [['in_full', 0, 0]] });
  expect(config.layers.map(({ class_name: kind, name }) => [kind, name])).toEqual([
    ['InputLayer', 'image'],
    ['Conv2D', 'conv'],
    ['MaxPooling2D', 'in_pool'],
    ['Dropout', 'drop'],
    ['Flatten', 'flat'],
    ['Dense', 'in_full'],
  ]);
  expect(config.layers[1]!.config).toMatchObject({
    kernel_size: [3, 3],
    groups: 2,
    padding: 'same',
    activation: 'relu',
  });
  expect(config.layers[2]!.config).toMatchObject({ pool_size: [2, 2], strides: [2, 2], padding: 'valid' });
  expect(config.layers[3]!.config).toMatchObject({ rate: 0.25, name: 'drop' });
  expect(config.layers[5]!.inbound_nodes).toEqual([[['flat', 0, 0, {}]]]);
  expect(datasets.map(({ path, shape }) => [path, shape])).toEqual([
    ['/model_weights/conv/conv/bias:0', [6]],
    ['/model_weights/conv/conv/kernel:0', [3, 3, 2, 6]],
    ['/model_weights/in_full/in_full/bias:0', [2]],
    ['/model_weights/in_full/in_full/kernel:0', [54, 2]],
  ]);
  model.dispose();
});

it.each([
  [
    'windows that reach two pixels over the edge',
    'CeilPool pool',
    (image: tf.SymbolicTensor) =>
      new CeilPool({ name: 'pool', kind: 'max', size: 4, stride: 4 }).apply(image),
  ],
  [
    'a layer that the export does not know',
    'UpSampling2D up',
    (image: tf.SymbolicTensor) => tf.layers.upSampling2d({ name: 'up' }).apply(image),
  ],
])('a network with %s is refused by its name', async (_, layer, apply) => {
  const network = networkOf('net', (image) => apply(image) as tf.SymbolicTensor);
  const model = network.build({ classes: 2, seed: 1 });
  await expect(kerasFile(trained('net', model), network)).rejects.toThrow(
    new UserError(
      `export: expected a network of layers that Keras has, found ${layer} in net; safetensors and tfjs take any`,
    ),
  );
  model.dispose();
});

it.each(['alexnet-bvlc', 'googlenet-torchvision'] as const)(
  'what was exported of a network like %s comes back by its own names, and as the other network it is refused',
  async (name) => {
    const network = narrow[name];
    const model = network.build({ classes: 2, seed: 5, input: [79, 79, 3] });
    const file = join(out, `${name}.h5`);
    writeFileSync(file, (await kerasFile(trained(name, model), network)).bytes);
    const { model: again, report } = await importWeights(file, network, { input: [79, 79, 3] });
    expect(report.rows.filter(({ state }) => state !== 'loaded')).toEqual([]);
    const numbers = ({ weights }: tf.LayersModel) => weights.map((one) => [...one.read().dataSync()]);
    expect(numbers(again)).toEqual(numbers(model));
    const other = { ...network, build: (options: BuildOptions) => renamed(network.build(options)) };
    await expect(importWeights(file, other, { input: [79, 79, 3] })).rejects.toThrow(
      `found those of ${name}, as the file says`,
    );
    again.dispose();
    model.dispose();
  },
);

it('an export in which Keras’s layers stand for ours is refused in one line', async () => {
  const model = zoo.lenet1.build({ classes: 10, seed: 1 });
  const file = join(out, 'lenet1.h5');
  writeFileSync(file, (await kerasFile(trained('lenet1', model), zoo.lenet1)).bytes);
  model.dispose();
  await expect(importWeights(file, zoo.lenet1)).rejects.toThrow(
    `${file}: expected weights of the network’s own layers, found an export in which Keras’s stand for some ("H2", "H3", "H4"); give the run itself, or its export as safetensors`,
  );
});

function renamed(model: tf.LayersModel): tf.LayersModel {
  return tf.model({ name: 'another', inputs: model.inputs, outputs: model.outputs });
}

it('layers come in the order in which Keras looks for their weights, wherever they are described', () => {
  // Keras: farther from an output first; then as a walk down from the outputs meets them.
  const below = { image: [], left: ['image'], right: ['image'], more: ['right'], both: ['left', 'more'] };
  const layers = Object.entries(below).map(([name, from]) => ({ name, below: from }));
  expect(kerasOrder(layers, ['both'])).toEqual(['image', 'right', 'left', 'more', 'both']);
  expect(kerasOrder(layers.reverse(), ['both'])).toEqual(['image', 'right', 'left', 'more', 'both']);
});

it('safetensors hold all weights by name, and what it takes to use them', async () => {
  const model = narrow['vgg-a'].build({ classes: 2, input: [32, 32, 3], seed: 1 });
  const { tensors, metadata } = await readSafetensors(await safetensorsFile(trained('vgg-a', model)));
  expect(tensors.map(({ name }) => name)).toEqual(model.weights.map(({ originalName }) => originalName));
  expect(metadata).toEqual({
    network: 'vgg-a',
    input: JSON.stringify(zoo['vgg-d'].recipe.input),
    scores: '"softmaxCrossEntropy"',
    recipe: JSON.stringify({
      input: zoo['vgg-d'].recipe.input,
      augment: zoo['vgg-d'].recipe.augment,
      loss: { kind: 'softmaxCrossEntropy' },
    }),
    labels: '["a","b"]',
    synsets: 'null',
    source: '{"kind":"made"}',
  });
  for (const [index, weight] of model.weights.entries())
    expect([...tensors[index]!.data]).toEqual([...weight.read().dataSync()]);
  model.dispose();
});
