import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../../models/registry';
import { UserError } from '../../../src/core/errors';
import type { Network } from '../../../src/core/network';
import { bytes, integer } from '../../../src/core/io/protobuf';
import { mappingText } from '../../../src/report/mapping-text';
import { useBackend } from '../../../src/runtime/backend';
import { tf } from '../../../src/core/tf';
import { importWeights, type ImportOptions } from '../../../src/weights/import/import-weights';
import { differencesOf, type MappingReport } from '../../../src/weights/import/mapping-report';
import { caffeNet, settings, transform, type CaffeLayer } from '../../support/weights/caffe-net';
import { temporaryFolder } from '../../support/fixtures';
import { narrow } from '../../support/weights/narrow-networks';

beforeAll(() => useBackend());

const folder = temporaryFolder();
let files = 0;

/** What an import says of the file's layers, and the line that it is refused with. */
async function told(
  layers: readonly CaffeLayer[],
  network: Network,
  options: ImportOptions = {},
  before: readonly Uint8Array[] = [],
) {
  const file = join(folder, `net${files++}.caffemodel`);
  writeFileSync(file, caffeNet(layers, before));
  const reports: MappingReport[] = [];
  const onReport = (report: MappingReport) => void reports.push(report);
  let refusal: string | undefined;
  const tensors = tf.memory().numTensors;
  try {
    (await importWeights(file, network, { ...options, onReport })).model.dispose();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    refusal = error.message.replace(`${file}: `, '');
  }
  expect(tf.memory().numTensors).toBe(tensors);
  const [report] = reports;
  return { refusal, differences: differencesOf(report!), text: mappingText(report!) };
}

/** What takes a layer's place, by its name; nothing leaves it out. */
type Changes = Readonly<Record<string, CaffeLayer | readonly CaffeLayer[]>>;

function changed(layers: readonly CaffeLayer[], changes: Changes): readonly CaffeLayer[] {
  return layers.flatMap((layer) => changes[layer.name] ?? [layer]);
}

const reader: CaffeLayer = { name: 'data', type: 'Data', from: [], to: ['data', 'label'] };
const read = (...fields: readonly Uint8Array[]): CaffeLayer => ({
  ...reader,
  fields: [settings.transform(...fields)],
});

/** examples/mnist/lenet_train_test.prototxt, with Data that it is trained on. */
const lenet: readonly CaffeLayer[] = [
  read(transform.scale(0.00390625)),
  {
    name: 'conv1',
    type: 'Convolution',
    from: ['data'],
    blobs: [[20, 1, 5, 5], [20]],
    fields: [settings.convolution(5)],
  },
  { name: 'pool1', type: 'Pooling', fields: [settings.pooling('MAX', 2, 2)] },
  { name: 'conv2', type: 'Convolution', blobs: [[50, 20, 5, 5], [50]], fields: [settings.convolution(5)] },
  { name: 'pool2', type: 'Pooling', fields: [settings.pooling('MAX', 2, 2)] },
  { name: 'ip1', type: 'InnerProduct', blobs: [[500, 800], [500]], fields: [settings.full(integer(1, 500))] },
  { name: 'relu1', type: 'ReLU' },
  { name: 'ip2', type: 'InnerProduct', blobs: [[10, 500], [10]], fields: [settings.full(integer(1, 10))] },
  { name: 'loss', type: 'SoftmaxWithLoss', from: ['ip2', 'label'] },
];
const layerOf = (name: string) => lenet.find((layer) => layer.name === name)!;

describe('Caffe’s LeNet', () => {
  const same = 'its layers compute what lenet-caffe’s do, by what the file says of them';

  it.each<readonly [string, readonly CaffeLayer[]]>([
    ['as Caffe trains it', lenet],
    [
      'for use: fed by an input, with probabilities at its end',
      changed(lenet, { data: [], loss: { name: 'prob', type: 'Softmax' } }),
    ],
    [
      'fed by a layer, without an end',
      changed(lenet, { data: { name: 'in', type: 'Input', from: [], to: ['data'] }, loss: [] }),
    ],
    ['without the reader of its data', changed(lenet, { data: [], loss: [] })],
    [
      'with its scale in a layer, which DIGITS writes',
      changed(lenet, {
        data: [
          reader,
          { name: 'scale', type: 'Power', from: ['data'], fields: [settings.power(0.00390625)] },
        ],
        conv1: { ...layerOf('conv1'), from: ['scale'] },
      }),
    ],
    [
      'with layers that do nothing when it is used',
      changed(lenet, {
        relu1: [
          { name: 'relu1', type: 'ReLU' },
          { name: 'drop1', type: 'Dropout' },
          { name: 'split', type: 'Split', to: ['one', 'two'] },
          {
            name: 'noise',
            type: 'Power',
            from: ['one'],
            to: ['one'],
            fields: [settings.include('TRAIN'), settings.power(3)],
          },
        ],
        loss: [
          { name: 'accuracy', type: 'Accuracy', from: ['ip2', 'label'], fields: [settings.include('TEST')] },
          layerOf('loss'),
        ],
      }),
    ],
    [
      'with a reader for training and one for testing',
      changed(lenet, {
        data: (['TRAIN', 'TEST'] as const).map((phase) => ({
          ...read(transform.scale(0.00390625)),
          fields: [
            settings.transform(transform.scale(0.00390625), transform.mirror),
            settings.include(phase),
          ],
        })),
      }),
    ],
    [
      'with a convolution over the whole map in the place of its full layer',
      changed(lenet, {
        ip1: {
          name: 'ip1',
          type: 'Convolution',
          blobs: [[500, 50, 4, 4], [500]],
          fields: [settings.convolution(4)],
        },
        ip2: {
          name: 'ip2',
          type: 'Convolution',
          blobs: [[10, 500, 1, 1], [10]],
          fields: [settings.convolution(1)],
        },
      }),
    ],
    ['flattened by a layer', changed(lenet, { ip1: [{ name: 'flat', type: 'Flatten' }, layerOf('ip1')] })],
  ])('%s is taken', async (title, layers) => {
    const { refusal, text } = await told(
      layers,
      zoo['lenet-caffe'],
      {},
      title.includes('fed by an input') ? [bytes(3, 'data')] : [],
    );
    expect(refusal).toBeUndefined();
    expect(text.split('\n').at(-1)).toBe(same);
  });

  it.each<[string, Changes, string]>([
    [
      'NVIDIA DIGITS’ scale of its input',
      {
        data: [reader, { name: 'scale', type: 'Power', from: ['data'], fields: [settings.power(0.0125)] }],
        conv1: { ...layerOf('conv1'), from: ['scale'] },
      },
      'expected pixels times 0.00390625, found times 0.0125 by the layer scale',
    ],
    [
      'that scale after the usual one',
      {
        data: [
          read(transform.scale(0.00390625)),
          { name: 'scale', type: 'Power', from: ['data'], fields: [settings.power(0.5)] },
        ],
        conv1: { ...layerOf('conv1'), from: ['scale'] },
      },
      'expected pixels times 0.00390625, found times 0.00195313 by the layer scale',
    ],
    ['pixels up to 255', { data: reader }, 'expected pixels times 0.00390625, found times 1'],
    [
      'a mean image',
      { data: read(transform.scale(0.00390625), transform.meanFile) },
      'expected pixels without a mean taken off, found a mean image taken off',
    ],
    [
      'a mean',
      { data: read(transform.scale(0.00390625), transform.means(33)) },
      'expected pixels without a mean taken off, found 33',
    ],
    [
      'sigmoids',
      { relu1: { name: 'sig1', type: 'Sigmoid' } },
      'expected ReLU after ip1, found sigmoid (sig1)',
    ],
    [
      'ReLUs that leak',
      { relu1: { name: 'relu1', type: 'ReLU', fields: [settings.relu(0.1)] } },
      'expected ReLU after ip1, found ReLU with slope 0.1 below 0 (relu1)',
    ],
    ['no activation', { relu1: [] }, 'expected ReLU after ip1, found ip2'],
    [
      'one activation more',
      { pool1: [{ name: 'relu0', type: 'ReLU' }, layerOf('pool1')] },
      'expected max pooling after conv1, found ReLU (relu0)',
    ],
    [
      'averages',
      { pool1: { name: 'pool1', type: 'Pooling', fields: [settings.pooling('AVE', 2, 2)] } },
      'expected max pooling after conv1, found average pooling (pool1)',
    ],
    [
      'pooling that overlaps',
      { pool2: { name: 'pool2', type: 'Pooling', fields: [settings.pooling('MAX', 3, 2)] } },
      'expected kernel 2 of max pooling after conv2, found 3',
    ],
    [
      'a layer that is not known here',
      { relu1: [layerOf('relu1'), { name: 'norm', type: 'MVN' }] },
      'expected ip2 after ip1 and ReLU, found MVN (norm)',
    ],
    [
      'a mean over its last layer',
      {
        loss: [
          { name: 'sig2', type: 'Sigmoid' },
          { name: 'loss', type: 'SigmoidCrossEntropyLoss' },
        ],
      },
      'expected the class scores after ip2, found sigmoid (sig2)',
    ],
    [
      'a convolution that steps further',
      { conv1: { ...layerOf('conv1'), fields: [settings.convolution(5, { stride: 2 })] } },
      'expected stride 1 of conv1, found 2',
    ],
    [
      'margins around its maps',
      { conv2: { ...layerOf('conv2'), fields: [settings.convolution(5, { pad: 2 })] } },
      'expected padding before 0 of conv2, found 2',
    ],
    [
      'transposed weights',
      { ip2: { ...layerOf('ip2'), fields: [settings.full(integer(1, 10), integer(6, 1))] } },
      'expected kernel in the order outputs, inputs of ip2, found the other order',
    ],
  ])('with %s is refused in words, and taken where that is asked for', async (_, changes, expected) => {
    const layers = changed(lenet, changes);
    const { refusal, differences } = await told(layers, zoo['lenet-caffe']);
    expect(differences).toEqual([expected]);
    const [first, found] = expected.split(', found ');
    expect(refusal).toBe(
      `${first}, as in lenet-caffe, found ${found}; its weights would answer otherwise here (importing with despiteDifferences takes them all the same)`,
    );
    expect((await told(layers, zoo['lenet-caffe'], { despiteDifferences: true })).refusal).toBeUndefined();
  });

  it('with several differences tells the first, and lists all', async () => {
    const sigmoid = { name: 'relu1', type: 'Sigmoid' };
    const pool1 = { name: 'pool1', type: 'Pooling', fields: [settings.pooling('AVE', 2, 2)] };
    const { refusal, text } = await told(changed(lenet, { relu1: sigmoid, pool1 }), zoo['lenet-caffe']);
    expect(refusal).toMatch(
      /^expected max pooling after conv1, as in lenet-caffe, .*, and 1 more difference;/,
    );
    expect(text.split('\n').slice(-3)).toEqual([
      'its layers differ from lenet-caffe’s, by what the file says of them:',
      '  expected max pooling after conv1, found average pooling (pool1)',
      '  expected ReLU after ip1, found sigmoid (relu1)',
    ]);
  });

  it('without what its layers read says that nothing was compared', async () => {
    const loose = lenet.flatMap((layer) => (layer.blobs ? [{ ...layer, from: [] }] : []));
    const { refusal, text } = await told(loose, zoo['lenet-caffe']);
    expect(refusal).toBeUndefined();
    expect(text.split('\n').at(-1)).toBe(
      'what its layers compute was not compared with lenet-caffe: the file says nothing of what its layers read',
    );
  });
});

/** models/bvlc_alexnet/train_val.prototxt, with a few maps. */
function alexnet(order: readonly ('norm' | 'pool')[]): readonly CaffeLayer[] {
  const conv = (name: string, shape: readonly number[], ...fields: Uint8Array[]): readonly CaffeLayer[] => [
    { name, type: 'Convolution', blobs: [shape, [shape[0]!]], fields },
    { name: name.replace('conv', 'relu'), type: 'ReLU' },
  ];
  const after = (number: number): readonly CaffeLayer[] =>
    order.map((kind) =>
      kind === 'norm'
        ? { name: `norm${number}`, type: 'LRN', fields: [settings.lrn(5, 1e-4, 0.75)] }
        : { name: `pool${number}`, type: 'Pooling', fields: [settings.pooling('MAX', 3, 2)] },
    );
  const full = (name: string, inputs: number, units: number): CaffeLayer => ({
    name,
    type: 'InnerProduct',
    blobs: [[units, inputs], [units]],
    fields: [settings.full(integer(1, units))],
  });
  return [
    read(transform.mirror, transform.crop(227), transform.meanFile),
    ...conv('conv1', [4, 3, 11, 11], settings.convolution(11, { stride: 4 })),
    ...after(1),
    ...conv('conv2', [6, 2, 5, 5], settings.convolution(5, { pad: 2, group: 2 })),
    ...after(2),
    ...conv('conv3', [8, 6, 3, 3], settings.convolution(3, { pad: 1 })),
    ...conv('conv4', [6, 4, 3, 3], settings.convolution(3, { pad: 1, group: 2 })),
    ...conv('conv5', [4, 3, 3, 3], settings.convolution(3, { pad: 1, group: 2 })),
    { name: 'pool5', type: 'Pooling', fields: [settings.pooling('MAX', 3, 2)] },
    ...['fc6', 'fc7'].flatMap((name) => [
      full(name, name === 'fc6' ? 4 * 4 : 8, 8),
      { name: name.replace('fc', 'relu'), type: 'ReLU' },
      { name: name.replace('fc', 'drop'), type: 'Dropout' },
    ]),
    full('fc8', 8, 5),
    { name: 'loss', type: 'SoftmaxWithLoss', from: ['fc8', 'label'] },
  ];
}

describe('Caffe’s AlexNet', () => {
  const network: Network = narrow['alexnet-bvlc'];
  const options: ImportOptions = { input: [95, 95, 3] };
  const right = alexnet(['norm', 'pool']);

  it('is taken as BVLC trained it, with the mean of each colour or a mean image', async () => {
    expect(await told(right, network, options)).toMatchObject({ refusal: undefined, differences: [] });
    const means = read(transform.crop(227), transform.means(104, 117, 123)); // blue first
    expect(await told([means, ...right.slice(1)], network, options)).toMatchObject({
      refusal: undefined,
      differences: [],
    });
  });

  it('is not CaffeNet, which pools before it normalises', async () => {
    const { differences, refusal } = await told(alexnet(['pool', 'norm']), network, options);
    expect(differences).toEqual([
      'expected response normalisation after conv1 and ReLU, found max pooling (pool1)',
      'expected response normalisation after conv2 and ReLU, found max pooling (pool2)',
    ]);
    expect(refusal).toContain('as in alexnet-bvlc, found max pooling (pool1), and 1 more difference');
  });

  it.each<[string, Changes, string]>([
    [
      'means in the other order of colours',
      { data: read(transform.crop(227), transform.means(123, 117, 104)) },
      'expected means of 104.007, 116.669, 122.679 taken off the pixels, found 123, 117, 104, in the other order of colours',
    ],
    [
      'no mean, though it says what became of its images',
      { data: read(transform.crop(227)) },
      'expected means of 104.007, 116.669, 122.679 taken off the pixels, found none',
    ],
    [
      'the paper’s α, which Caffe divides by n',
      { norm1: { name: 'norm1', type: 'LRN', fields: [settings.lrn(5, 5e-4, 0.75)] } },
      'expected alpha 0.00002 of response normalisation after conv1 and ReLU, found 0.0001',
    ],
    [
      'other groups',
      {
        conv3: {
          name: 'conv3',
          type: 'Convolution',
          blobs: [[8, 6, 3, 3], [8]],
          fields: [settings.convolution(3, { pad: 1, group: 2 })],
        },
      },
      'expected 1 group of conv3, found 2',
    ],
  ])('with %s is refused', async (_, changes, expected) => {
    expect((await told(changed(right, changes), network, options)).differences).toEqual([expected]);
  });
});

describe('branches', () => {
  const names = ['stem', 'left', 'right', 'scores'];
  /** Two convolutions side by side, and a pooling that keeps the size. */
  const network: Network = {
    ...zoo.googlenet,
    head: ['scores'],
    weights: [
      {
        toolkit: 'caffe',
        layers: Object.fromEntries(names.map((name) => [name, name])),
        preprocess: [],
        files: [],
      },
    ],
    build: ({ classes, input }) => {
      const image = tf.input({ shape: [...input!] });
      const over = (layer: tf.layers.Layer, below: tf.SymbolicTensor | tf.SymbolicTensor[]) =>
        layer.apply(below) as tf.SymbolicTensor;
      const conv = (name: string, filters: number, kernelSize: number) =>
        tf.layers.conv2d({ name, filters, kernelSize, padding: 'same', activation: 'relu' });
      const padded = over(tf.layers.zeroPadding2d({ padding: [1, 1] }), image);
      const stem = over(tf.layers.conv2d({ name: 'stem', filters: 2, kernelSize: 3, strides: 2 }), padded);
      const pooled = over(tf.layers.maxPooling2d({ poolSize: 3, strides: 1, padding: 'same' }), stem);
      const sides = [over(conv('left', 3, 1), stem), over(conv('right', 3, 1), pooled)];
      const flat = over(tf.layers.globalAveragePooling2d({}), over(tf.layers.concatenate({}), sides));
      return tf.model({
        name: 'branches',
        inputs: image,
        outputs: over(tf.layers.dense({ name: 'scores', units: classes }), flat),
      });
    },
  };
  const conv = (
    name: string,
    from: string,
    inputs: number,
    maps: number,
    field: Uint8Array,
    side = 1,
  ): CaffeLayer => ({
    name,
    type: 'Convolution',
    from: [from],
    blobs: [[maps, inputs, side, side], [maps]],
    fields: [field],
  });
  const layers = (order: readonly string[]): readonly CaffeLayer[] => [
    conv('stem', 'data', 3, 2, settings.convolution(3, { stride: 2, pad: 1 }), 3),
    conv('left', 'stem', 2, 3, settings.convolution(1)),
    { name: 'relu_left', type: 'ReLU' },
    { name: 'pool', type: 'Pooling', from: ['stem'], fields: [settings.pooling('MAX', 3, 1, 1)] },
    conv('right', 'pool', 2, 3, settings.convolution(1)),
    { name: 'relu_right', type: 'ReLU' },
    { name: 'joined', type: 'Concat', from: order },
    { name: 'average', type: 'Pooling', fields: [settings.pooling('AVE', 4, 1)] },
    { name: 'scores', type: 'InnerProduct', blobs: [[5, 6], [5]], fields: [settings.full(integer(1, 5))] },
  ];
  const options: ImportOptions = { input: [8, 8, 3] };

  it('joined in our order are taken; zeros around a map are its convolution’s own', async () => {
    const { refusal, text } = await told(layers(['left', 'right']), network, options);
    expect(refusal).toBeUndefined();
    expect(text).toMatch(/its layers compute what branches’s do/);
  });

  it('joined in another order are refused', async () => {
    const { differences } = await told(layers(['right', 'left']), network, options);
    expect(differences).toHaveLength(2);
    expect(differences[0]).toMatch(/^expected left below a concatenation \(.*\), input 1, found right$/);
  });

  it('that lack one another are refused', async () => {
    const wrong = layers(['left', 'right']).map((layer) =>
      layer.name === 'right' ? { ...layer, from: ['stem'] } : layer,
    );
    expect((await told(wrong, network, options)).differences).toEqual([
      'expected max pooling after stem, found right',
    ]);
  });
});
