import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { networkNames, zoo } from '../../../models/registry';
import { UserError, refusalOf } from '../../../src/core/errors';
import { withoutDrawing } from '../../../src/layers/initialise/initialise';
import type { Network } from '../../../src/core/network';
import { useBackend } from '../../../src/runtime/backend';
import { tf } from '../../../src/core/tf';
import { importWeights, type ImportOptions } from '../../../src/weights/import/import-weights';
import { architecturesApart } from '../../../src/weights/architecture/compare';
import { kerasArchitecture } from '../../../src/weights/architecture/keras/keras';
import { ourArchitecture } from '../../../src/weights/architecture/ours';
import { hdf5Bytes, readHdf5 } from '../../../src/weights/formats/keras/hdf5';
import type { Hdf5Group } from '../../../src/weights/formats/keras/hdf5-encode';
import { differencesOf, type MappingReport } from '../../../src/weights/import/mapping-report';
import { encodeSafetensors } from '../../../src/weights/formats/safetensors/safetensors';
import { readZip } from '../../../src/weights/formats/zip';
import { temporaryFolder } from '../../support/fixtures';
import { narrowVgg } from '../../support/weights/narrow-vgg';
import { zipOf } from '../../support/weights/zip-of';
import { fixtures } from '../../support/places';

beforeAll(() => useBackend());

const stored = join(fixtures, 'weights');
const folder = temporaryFolder();
let files = 0;

/** What an import says of a file’s layers; nothing where it says that they were not compared. */
async function told(file: string, network: Network, options: ImportOptions = {}) {
  const reports: MappingReport[] = [];
  const onReport = (report: MappingReport) => void reports.push(report);
  let refused = false;
  try {
    (await importWeights(file, network, { ...options, onReport })).model.dispose();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    refused = true;
    expect(error.message).toMatch(/as in .*, found .*importing with despiteDifferences/);
  }
  const [report] = reports;
  const differences =
    report!.architecture && 'differences' in report!.architecture ? differencesOf(report!) : undefined;
  expect(refused).toBe((differences ?? []).length > 0);
  return differences;
}

const vgg: ImportOptions = { input: [64, 64, 3], convention: 'keras' };

/** Keras’s own archive with its description changed. */
function archive(change: (config: string) => string): string {
  const entries = readZip(readFileSync(join(stored, 'vgg-d.keras')), 'vgg-d.keras');
  const config = Buffer.from(entries.get('config.json')!.bytes()).toString();
  const altered = change(config);
  const data = { config: Buffer.from(altered), weights: entries.get('model.weights.h5')!.bytes() };
  const path = join(folder, `net${files++}.keras`);
  writeFileSync(
    path,
    zipOf([
      { name: 'config.json', data: data.config },
      { name: 'model.weights.h5', data: data.weights },
    ]),
  );
  return path;
}

/** With what a layer is set to changed, and that only. */
function set(layer: string, from: string, to: string): (config: string) => string {
  return (config) => {
    const at = config.indexOf(from, config.indexOf(`"name": "${layer}"`));
    expect(at).toBeGreaterThan(0);
    return config.slice(0, at) + to + config.slice(at + from.length);
  };
}

/** With a layer before that of some name. */
function insert(layer: string, kind: string, settings: object): (config: string) => string {
  return (config) => {
    const model = JSON.parse(config) as { config: { layers: { config: { name: string } }[] } };
    const { layers } = model.config;
    const at = layers.findIndex(({ config: { name } }) => name === layer);
    layers.splice(at, 0, {
      class_name: kind,
      config: { name: `a_${kind}`, ...settings },
    } as (typeof layers)[number]);
    return JSON.stringify(model);
  };
}

/** By make_keras_files.py, of models whose layers have the names of vgg-d.keras. */
const written = JSON.parse(
  gunzipSync(readFileSync(join(stored, 'keras-descriptions.json.gz'))).toString(),
) as Readonly<Record<string, unknown>>;

describe('what Keras wrote', () => {
  it.each<[string, readonly string[]]>([
    ['softmax as a layer', []],
    ['softmax of the axis 1', []],
    ['ops of the axis -1', []],
    ['logarithms', []],
    ['a list of one', []],
    ['ops', ['expected ReLU after fc7, found ReLU up to 6 (relu6)']],
    ['softmax of the axis 0', ['expected the class scores after fc8, found softmax over axis 0 (softmax_4)']],
    ['ops of the axis 0', ['expected the class scores after fc8, found softmax over axis 0 (softmax)']],
    ['shared', []],
    [
      'flattened maps first',
      ['expected fc6 after conv5_3 and ReLU and max pooling, found Flatten (channels_first) (flatten)'],
    ],
    [
      'pooled maps first',
      ['expected max pooling after conv1_2 and ReLU, found MaxPooling2D (channels_first) (block1_pool)'],
    ],
    ['normalised rows', ['expected conv1_2 after conv1_1 and ReLU, found BatchNormalization (normalised)']],
    ['another dropout', ['expected fc8 after fc7 and ReLU, found custom Dropout (dropout)']],
    ['a registered dropout', ['expected fc8 after fc7 and ReLU, found custom my>Dropout (dropout)']],
    ['another convolution', ['expected a convolution of conv1_1, found custom my>Conv2D']],
    ['another relu', ['expected ReLU after fc6, found my>relu (fc1)']],
    ['another sequence', ['expected the class scores after fc8, found custom my>Sequential (vgg16)']],
  ])('of %s is told', async (name, expected) => {
    expect(
      await told(
        archive(() => JSON.stringify(written[name])),
        narrowVgg,
        vgg,
      ),
    ).toEqual(expected);
  });
});

describe('Keras’s description of a .keras archive', () => {
  it.each<[string, (config: string) => string]>([
    ['as Keras wrote it', (config) => config],
    [
      'with probabilities at its end',
      set('predictions', '"activation": "linear"', '"activation": "softmax"'),
    ],
    ['with dropout', insert('fc2', 'Dropout', { rate: 0.5 })],
    ['with images distorted in training', insert('block1_conv1', 'RandomFlip', { mode: 'horizontal' })],
    [
      'with activations of their own',
      (config) =>
        insert('fc2', 'ReLU', { max_value: null, negative_slope: 0, threshold: 0 })(
          set('fc1', '"activation": "relu"', '"activation": "linear"')(config),
        ),
    ],
  ])('%s, is taken', async (_, change) => {
    expect(await told(archive(change), narrowVgg, vgg)).toEqual([]);
  });

  it.each<[string, (config: string) => string, string]>([
    [
      'another activation',
      set('block1_conv2', '"activation": "relu"', '"activation": "tanh"'),
      'expected ReLU after conv1_2, found tanh (block1_conv2)',
    ],
    [
      'an activation that Keras describes as a layer',
      set(
        'fc1',
        '"activation": "relu"',
        '"activation": {"module": "keras.layers", "class_name": "LeakyReLU", "config": {"negative_slope": 0.2}}',
      ),
      'expected ReLU after fc6, found ReLU with slope 0.2 below 0 (fc1)',
    ],
    [
      'averages',
      set('block2_conv2', '"class_name": "MaxPooling2D"', '"class_name": "AveragePooling2D"'),
      'expected max pooling after conv2_2 and ReLU, found average pooling (block2_pool)',
    ],
    [
      'another step',
      set('block1_conv1', '"strides": [1, 1]', '"strides": [2, 2]'),
      'expected stride 1 of conv1_1, found 2',
    ],
    [
      'no margins',
      set('block1_conv1', '"padding": "same"', '"padding": "valid"'),
      'expected padding before 1 of conv1_1, found 0',
    ],
    [
      'gaps in its kernels',
      set('block5_conv3', '"dilation_rate": [1, 1]', '"dilation_rate": [2, 2]'),
      'expected dilation 1 of conv5_3, found 2',
    ],
    [
      'pixels from 0 to 1',
      insert('block1_conv1', 'Rescaling', { scale: 1 / 255, offset: 0 }),
      'expected pixels times 1, found times 0.00392157 by the layer a_Rescaling',
    ],
    [
      'a mean of its own',
      insert('block1_conv1', 'Normalization', { axis: -1 }),
      'expected conv1_1 after the image, found Normalization (a_Normalization)',
    ],
    [
      'code of its own',
      insert('block1_conv1', 'Lambda', { function: 'x[..., ::-1]' }),
      'expected conv1_1 after the image, found Lambda (a_Lambda)',
    ],
    [
      'another order of axes',
      insert('flatten', 'Permute', { dims: [3, 1, 2] }),
      'expected fc6 after conv5_3 and ReLU and max pooling, found Permute (a_Permute)',
    ],
    [
      'ReLUs with an end',
      set('fc2', '"activation": "relu"', '"activation": "relu6"'),
      'expected ReLU after fc7, found relu6 (fc2)',
    ],
    [
      'sigmoids at its end',
      set('predictions', '"activation": "linear"', '"activation": "sigmoid"'),
      'expected the class scores after fc8, found sigmoid (predictions)',
    ],
  ])('with %s is told', async (_, change, expected) => {
    expect(await told(archive(change), narrowVgg, vgg)).toEqual([expected]);
  });
});

it('an .h5 file of a whole model is compared; one of its weights alone says nothing', async () => {
  expect(await told(join(stored, 'vgg-d.h5'), narrowVgg, vgg)).toEqual([]);
  for (const file of ['vgg-d.weights.h5', 'vgg-d-keras-1.h5', 'vgg-d-unnamed.weights.h5'])
    expect(await told(join(stored, file), narrowVgg, vgg)).toBeUndefined();
});

describe('Keras 1’s description', () => {
  /** As Keras 1.2 wrote them, in the words of then. */
  const described = (pool: string, activation: string) => {
    const maps = [
      [3, 3],
      [4, 4],
      [5, 5, 5],
      [5, 5, 5],
      [4, 4, 4],
    ];
    const layers = maps.flatMap((block, index) => [
      ...block.map((nb_filter, at) => ({
        class_name: 'Convolution2D',
        config: {
          ...{ name: `block${index + 1}_conv${at + 1}`, nb_filter, nb_row: 3, nb_col: 3, subsample: [1, 1] },
          ...{ border_mode: 'same', dim_ordering: 'tf', activation: 'relu', bias: true },
        },
      })),
      {
        class_name: pool,
        config: { name: `block${index + 1}_pool`, pool_size: [2, 2], strides: [2, 2], border_mode: 'valid' },
      },
    ]);
    const dense = (name: string, output_dim: number, how: string) => ({
      class_name: 'Dense',
      config: { name, output_dim, activation: how },
    });
    const end = [
      { class_name: 'Flatten', config: { name: 'flatten' } },
      dense('fc1', 7, 'relu'),
      { class_name: 'Dropout', config: { name: 'drop', p: 0.5 } },
      dense('fc2', 6, activation),
      dense('predictions', 5, 'softmax'),
    ];
    return { class_name: 'Sequential', config: [...layers, ...end] };
  };

  /** Keras’s weights under the names of then, with a description. */
  async function fileOf(config: object): Promise<string> {
    const { datasets } = await readHdf5(join(stored, 'vgg-d-keras-1.h5'));
    const groups: Record<string, Hdf5Group> = {};
    for (const { path, shape, values } of datasets) {
      const [, group, name] = path.split('/') as [string, string, string];
      groups[group] = { datasets: { ...groups[group]?.datasets, [name]: { shape, values } } };
    }
    const path = join(folder, `net${files++}.h5`);
    writeFileSync(
      path,
      await hdf5Bytes({
        attributes: { model_config: JSON.stringify(config) },
        groups: { model_weights: { groups } },
      }),
    );
    return path;
  }

  it.each<[string, string, readonly string[]]>([
    ['MaxPooling2D', 'relu', []],
    ['MaxPooling2D', 'sigmoid', ['expected ReLU after fc7, found sigmoid (fc2)']],
    [
      'AveragePooling2D',
      'relu',
      [2, 2, 3, 3, 3].map(
        (last, index) =>
          `expected max pooling after conv${index + 1}_${last} and ReLU, found average pooling (block${index + 1}_pool)`,
      ),
    ],
  ])('of %s and %s', async (pool, activation, expected) => {
    expect(await told(await fileOf(described(pool, activation)), narrowVgg, vgg)).toEqual(expected);
  });
});

describe('a model that TensorFlow.js saved', () => {
  async function fileOf(change: (json: string) => string, wrap = false): Promise<string> {
    const model = zoo['lenet5-modern'].build({ classes: 10, seed: 3 });
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
      }),
    );
    model.dispose();
    const place = join(folder, `model${files++}`);
    mkdirSync(place);
    const { modelTopology, weightSpecs, weightData } = saved!;
    const topology = JSON.parse(change(JSON.stringify(modelTopology))) as object;
    const json = {
      format: 'layers-model',
      // Python's converter has Keras's description below.
      modelTopology: wrap
        ? { keras_version: '2.15.0', backend: 'tensorflow', model_config: topology }
        : topology,
      weightsManifest: [{ paths: ['w.bin'], weights: weightSpecs }],
    };
    writeFileSync(join(place, 'model.json'), JSON.stringify(json));
    writeFileSync(join(place, 'w.bin'), Buffer.from(tf.io.CompositeArrayBuffer.join(weightData)));
    return join(place, 'model.json');
  }

  it.each([false, true])('is compared, also below model_config: %s', async (wrap) => {
    const network = zoo['lenet5-modern'];
    expect(await told(await fileOf((json) => json, wrap), network)).toEqual([]);
    const swapped = (json: string) => json.replace('"class_name":"ScaledTanh"', '"class_name":"ReLU"');
    expect(await told(await fileOf(swapped, wrap), network)).toEqual([
      'expected ScaledTanh after C1, found ReLU (C1/tanh)',
    ]);
    const pooled = (json: string) =>
      json.replace('"class_name":"AveragePooling2D"', '"class_name":"MaxPooling2D"');
    expect(await told(await fileOf(pooled, wrap), network)).toEqual([
      'expected average pooling after C1 and ScaledTanh, found max pooling (S2)',
    ]);
  });
});

describe('a safetensors file of this project’s', () => {
  const file = (network: string) => {
    const model = zoo['lenet-caffe'].build({ classes: 10, seed: 1 });
    const tensors = model.weights.map((weight) => ({
      name: weight.originalName,
      shape: weight.shape as number[],
      dtype: 'F32' as const,
      data: weight.read().dataSync<'float32'>().slice(),
    }));
    model.dispose();
    const path = join(folder, `net${files++}.safetensors`);
    writeFileSync(path, encodeSafetensors(tensors, { network, source: '{}' }));
    return path;
  };

  it('says whose weights it holds', async () => {
    expect(await told(file('lenet-caffe'), zoo['lenet-caffe'])).toEqual([]);
    expect(await told(file('lenet5-modern'), zoo['lenet-caffe'])).toEqual([
      'expected weights of lenet-caffe, found those of lenet5-modern, as the file says',
    ]);
  });
});

it.each(networkNames.filter((name) => zoo[name].head.length > 0))(
  '%s, as TensorFlow.js describes it, is the same as itself',
  (name) => {
    const { recipe, build } = zoo[name] as Network;
    const model = withoutDrawing(() => build({ classes: 10, seed: 1 }));
    expect(model.name).toBe(name);
    const facts = ourArchitecture(model);
    const described = JSON.parse(JSON.stringify(model.toJSON(null, false))) as { config: unknown };
    const theirs = kerasArchitecture({ class_name: 'Model', config: described.config }, refusalOf(name))!;
    const weighted = [...facts.weighted];
    const given = {
      ...facts,
      theirs,
      names: new Map(weighted.map((layer) => [layer, layer])),
      scores: recipe.loss.kind,
      preprocess: recipe.input.preprocess,
      channels: recipe.input.shape[2],
      blueFirst: false,
    };
    expect(architecturesApart(given)).toEqual([]);
    model.dispose();
  },
);
