import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo, type NetworkName } from '../models/registry';
import { newFolder } from '../scripts/new-folder';
import { contrastNormalise } from '../src/data/contrast-normalise';
import type { FittedPreprocess } from '../src/data/preprocess';
import { UserError } from '../src/errors';
import { recordTfjs } from '../src/graph/tfjs-recorder';
import type { Preprocess } from '../src/network';
import { seededRandom } from '../src/random';
import { useBackend } from '../src/runtime/backend';
import { browserFiles } from '../src/runtime/browser-files';
import { exportTfjs } from '../src/train/export-tfjs';
import { importWeights } from '../src/train/import-weights';
import type { TrainedModel } from '../src/train/trained-model';
import { writeTfjsShards } from '../src/weights/tfjs-shards';
import { tf } from '../src/tf';
import { fillWeights, modelOf, onEveryBackend, temporaryFolder } from './fixtures';
import { narrow, testImages } from './narrow-networks';

const root = temporaryFolder();
beforeAll(() => useBackend());

function trained(
  network: NetworkName,
  model: tf.LayersModel,
  given: Partial<TrainedModel> = {},
): TrainedModel {
  return {
    network,
    model,
    recipe: { ...zoo[network].recipe, augment: [] },
    fitted: {},
    labels: null,
    synsets: null,
    source: { kind: 'made', by: 'a test' },
    ...given,
  };
}

interface ModelJson {
  readonly userDefinedMetadata: { readonly input: object };
  readonly modelTopology: { readonly node: readonly { readonly op: string }[] };
  readonly weightsManifest: readonly [{ readonly paths: readonly string[] }];
}

const jsonOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as ModelJson;

/** As a browser would, from the files alone, by TensorFlow.js's own loader. */
async function loaded(folder: string): Promise<tf.GraphModel> {
  const json = jsonOf(folder) as unknown as tf.io.ModelJSON;
  const [{ paths }] = json.weightsManifest as [tf.io.WeightsManifestConfig[number]];
  const bytes = Buffer.concat(paths.map((path) => readFileSync(join(folder, path))));
  const artifacts = await tf.io.getModelArtifactsForJSON(json, async (manifest) => [
    manifest.flatMap(({ weights }) => weights),
    new Uint8Array(bytes).buffer,
  ]);
  return tf.loadGraphModel(tf.io.fromMemory(artifacts));
}

/** The largest difference between two networks' scores, as a share of the largest score. */
function apart(images: tf.Tensor, one: tf.LayersModel, other: tf.GraphModel): number {
  return tf.tidy(() => {
    const scores = [one.predict(images)].flat()[0] as tf.Tensor;
    const found = other.predict(images) as tf.Tensor;
    expect(found.shape).toEqual(scores.shape);
    return scores.sub(found).abs().max().div(scores.abs().max()).dataSync()[0]!;
  });
}

function positiveWeights(model: tf.LayersModel): void {
  for (const weight of model.weights) {
    const value = tf.randomUniform(weight.shape as number[], 0, 1, 'float32', 5);
    weight.write(value);
    value.dispose();
  }
}

const small = [
  'neocognitron',
  'lecun1989',
  'lenet1',
  'lenet5',
  'lenet-caffe',
  'lenet-bouvrie',
  'nin-mnist',
] as const;

it('a network of every kind of layer gives the same scores by TensorFlow.js alone, one image or three', async () => {
  const models = [
    ...small.map((name) => [name, zoo[name].build({ classes: 10, seed: 1 })] as const),
    ...(['alexnet-bvlc', 'googlenet-torchvision', 'vgg-a'] as const).map((name) => {
      const model = narrow[name].build({ classes: 5, input: [96, 96, 3], seed: 1 });
      return [name, model] as const;
    }),
  ];
  await onEveryBackend(async (backend) => {
    for (const [name, model] of models) {
      if (backend === 'cpu' && name === 'nin-mnist') continue; // slow
      if (name === 'neocognitron')
        positiveWeights(model); // its cells are silent before they learn
      else fillWeights(model);
      const folder = join(root, `${name}-${backend}`);
      mkdirSync(folder);
      await exportTfjs(folder, trained(name, model), browserFiles);
      expect(tf.getBackend()).toBe(backend === 'tensorflow-gpu' ? 'tensorflow' : backend);
      const graph = await loaded(folder);
      for (const batch of [1, 3]) {
        const shape = [batch, ...(model.inputs[0]!.shape.slice(1) as number[])];
        const images = tf.randomUniform(shape, 0, 1, 'float32', 7);
        expect(apart(images, model, graph)).toBeLessThan(1e-5);
        images.dispose();
      }
      graph.dispose();
    }
  });
  for (const [, model] of models) model.dispose();
});

it('an exported model is imported again, weight for weight', async () => {
  const network = narrow['alexnet-bvlc'];
  const model = network.build({ classes: 5, input: [99, 99, 3], seed: 1 });
  fillWeights(model);
  const folder = join(root, 'again');
  mkdirSync(folder);
  const before = tf.memory().numTensors;
  await exportTfjs(folder, trained('alexnet-bvlc', model), browserFiles);
  expect(tf.memory().numTensors).toBe(before);
  const again = await importWeights(join(folder, 'model.json'), network, { input: [99, 99, 3] });
  expect(again.format).toBe('tfjs');
  expect(again.report.convention).toBe('own');
  const images = testImages(99);
  const difference = tf.tidy(() => {
    const [one, other] = [model, again.model].map((found) => found.predict(images) as tf.Tensor);
    return one!.sub(other!).abs().max().dataSync()[0]!;
  });
  expect(difference).toBe(0);
  tf.dispose(images);
  model.dispose();
  again.model.dispose();
});

it('no graph holds an operation of training, nor the heads that evaluation drops', async () => {
  const model = narrow['googlenet-torchvision'].build({ classes: 5, input: [96, 96, 3], seed: 1 });
  const folder = join(root, 'heads');
  mkdirSync(folder);
  await exportTfjs(folder, trained('googlenet-torchvision', model), browserFiles);
  const text = readFileSync(join(folder, 'model.json'), 'utf8');
  expect(text).not.toMatch(/loss1|loss2|Dropout|Random/);
  expect(text).toContain('loss3/classifier/kernel');
  model.dispose();
});

describe('preprocessing', () => {
  const side = 6;
  const random = seededRandom(2);
  const values = (count: number) => Float32Array.from({ length: count }, () => random.uniform(-1, 1));
  const size = side * side * 3;
  const fitted: FittedPreprocess = {
    mean: values(size).map((value) => 100 + 20 * value),
    whitening: { mean: values(size), matrix: values(size * size) },
  };
  const steps: readonly Preprocess[] = [
    { kind: 'subtractMean', per: 'pixel' },
    { kind: 'contrastNormalise', scale: 55 },
    { kind: 'whiten', bias: 0.1 },
  ];
  const flat = () => {
    const model = modelOf(tf.layers.flatten(), [side, side, 3], 1);
    return { model, input: { shape: [side, side, 3], preprocess: steps } as const };
  };

  it('that takes much from the training set is part of the graph, as plain loops compute it', async () => {
    const { model, input } = flat();
    const folder = join(root, 'fitted');
    mkdirSync(folder);
    const recipe = { input, augment: [], loss: { kind: 'softmaxCrossEntropy' } } as const;
    await exportTfjs(folder, trained('nin-cifar10-caffe', model, { recipe, fitted }), browserFiles);
    expect(jsonOf(folder).userDefinedMetadata.input).toMatchObject({ preprocess: [] });
    const pixels = Float32Array.from({ length: 2 * size }, () => random.integer(256));
    pixels.fill(77, size); // of one value
    pixels.forEach((pixel, at) => at >= size && (pixels[at] = pixel + fitted.mean![at % size]! - 77));
    const expected = pixels.map((pixel, at) => pixel - fitted.mean![at % size]!);
    contrastNormalise(expected, 2, 55);
    const { mean, matrix } = fitted.whitening!;
    const whitened = Array.from({ length: 2 * size }, (_, at) => {
      const image = Math.floor(at / size);
      let sum = 0;
      for (let value = 0; value < size; value++)
        sum += (expected[image * size + value]! - mean[value]!) * matrix[value * size + (at % size)]!;
      return sum;
    });
    const graph = await loaded(folder);
    const found = (graph.predict(tf.tensor4d(pixels, [2, side, side, 3])) as tf.Tensor).dataSync<'float32'>();
    const largest = whitened.reduce((most, value, at) => Math.max(most, Math.abs(value - found[at]!)), 0);
    expect(largest).toBeLessThan(1e-3); // of numbers up to 100
    expect(found.reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeGreaterThan(10);
    graph.dispose();
    model.dispose();
  });

  it('of a few numbers is told to the page, with the cut that comes before it', async () => {
    const { model } = flat();
    const folder = join(root, 'told');
    mkdirSync(folder);
    const subtract = { kind: 'subtract', mean: [123, 117, 104] } as const;
    const pad = { kind: 'pad', height: side, width: side, value: 0 } as const;
    const input = { shape: [side, side, 3], preprocess: [pad, subtract] } as const;
    const crop = { kind: 'randomCrop', size: side, shortSide: 8 } as const;
    const recipe = { input, augment: [crop], loss: { kind: 'softmaxCrossEntropy' } } as const;
    await exportTfjs(folder, trained('vgg-a', model, { recipe, labels: ['a', 'b'] }), browserFiles);
    expect(jsonOf(folder).userDefinedMetadata).toMatchObject({
      labels: ['a', 'b'],
      scores: 'softmaxCrossEntropy',
      input: {
        shape: [side, side, 3],
        preprocess: [subtract],
        view: {
          least: { height: 8, width: 8 },
          window: { height: side, width: side },
        },
      },
    });
    model.dispose();
  });

  it('without what was fitted is refused', async () => {
    const { model, input } = flat();
    const recipe = { input, augment: [], loss: { kind: 'softmaxCrossEntropy' } } as const;
    await expect(
      exportTfjs(join(root, 'nothing'), trained('vgg-a', model, { recipe }), browserFiles),
    ).rejects.toThrow(
      new UserError('export: expected what the preprocessing took from the training set, found nothing'),
    );
    model.dispose();
  });
});

it('what no graph can hold is refused by the name of its layer', async () => {
  class Peeking extends tf.layers.Layer {
    static readonly className = 'Peeking';
    override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
      const [input] = [inputs].flat() as [tf.Tensor];
      return input.mul(input.dataSync()[0]!);
    }
    override computeOutputShape(shape: tf.Shape): tf.Shape {
      return shape;
    }
  }
  const model = tf.sequential({
    layers: [tf.layers.flatten({ inputShape: [2, 2, 1] }), new Peeking({ name: 'peek' })],
  });
  const backend = tf.getBackend();
  const record = recordTfjs({
    model,
    input: [2, 2, 1],
    computation: (images) => model.apply(images) as tf.Tensor,
    named: new Map(),
  });
  await expect(record).rejects.toThrow('layer peek: expected no value to be read in JavaScript');
  expect(tf.getBackend()).toBe(backend);
  model.dispose();
});

it('weights are split at 4 MB, in order and whole', async () => {
  const folder = join(root, 'shards');
  mkdirSync(folder);
  const lengths = [3, 2 ** 20, 2 ** 20 + 5, 0, 7];
  const arrays = lengths.map((length, index) => new Float32Array(length).fill(index + 0.5));
  const manifest = await writeTfjsShards(
    folder,
    arrays.map((values, index) => ({
      name: `w${index}`,
      shape: [values.length],
      type: 'float32',
      values: async () => values,
    })),
  );
  const files = readdirSync(folder).sort();
  expect(files).toEqual([1, 2, 3].map((part) => `group1-shard${part}of3.bin`));
  const parts = files.map((file) => readFileSync(join(folder, file)));
  expect(parts.map(({ length }) => length)).toEqual([2 ** 22, 2 ** 22, 4 * 15]);
  const whole = arrays.map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  expect(Buffer.concat(parts).equals(Buffer.concat(whole))).toBe(true);
  expect(manifest).toMatchObject([{ paths: files, weights: lengths.map((length) => ({ shape: [length] })) }]);
});

describe('the folder of an export', () => {
  it('is there whole, or not at all', async () => {
    const path = join(root, 'whole');
    const failing = newFolder(path, async (folder) => {
      writeFileSync(join(folder, 'half'), '');
      throw new Error('the disk broke');
    });
    await expect(failing).rejects.toThrow('the disk broke');
    expect(existsSync(path)).toBe(false);
    await newFolder(path, async (folder) => writeFileSync(join(folder, 'all'), ''));
    expect(readdirSync(path)).toEqual(['all']);
    expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('is never one that holds something', async () => {
    const path = join(root, 'whole');
    await expect(newFolder(path, async () => undefined)).rejects.toThrow(
      `${path}: expected a new or empty folder, found all in it`,
    );
    await expect(newFolder(join(path, 'all'), async () => undefined)).rejects.toThrow(UserError);
  });
});
