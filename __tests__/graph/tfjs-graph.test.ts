import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../models/registry';
import { recordTfjs } from '../../src/graph/tfjs/record-tfjs';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { exportTfjs } from '../../src/weights/export/tfjs';
import { pageScripts } from '../../src/workflows/weights/page-scripts';
import { importWeights } from '../../src/weights/import/import-weights';
import { loaded, trained } from '../support/weights/exported-model';
import { fillWeights, onEveryBackend, temporaryFolder } from '../support/fixtures';
import { narrow, testImages } from '../support/weights/narrow-networks';

const root = temporaryFolder();
beforeAll(() => useBackend());

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
      await exportTfjs(folder, trained(name, model), await pageScripts());
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
  await exportTfjs(folder, trained('alexnet-bvlc', model), await pageScripts());
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
  await exportTfjs(folder, trained('googlenet-torchvision', model), await pageScripts());
  const text = readFileSync(join(folder, 'model.json'), 'utf8');
  expect(text).not.toMatch(/loss1|loss2|Dropout|Random/);
  expect(text).toContain('loss3/classifier/kernel');
  model.dispose();
});

describe('what no graph can hold is refused by the name of its layer:', () => {
  class Doing extends tf.layers.Layer {
    static readonly className = 'Doing';
    constructor(private readonly work: (input: tf.Tensor) => tf.Tensor) {
      super({ name: 'doing' });
    }
    override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
      return this.work([inputs].flat()[0] as tf.Tensor);
    }
    override computeOutputShape(shape: tf.Shape): tf.Shape {
      return shape;
    }
  }

  it.each<[string, (input: tf.Tensor) => tf.Tensor, RegExp]>([
    [
      'reading values',
      (input) => input.mul(input.dataSync()[0]!),
      /^layer doing: expected no value to be read in JavaScript/,
    ],
    [
      'an operation that networks here do not use',
      (input) => input.erf(),
      /^layer doing: expected operations that an exported graph knows, found Erf$/,
    ],
    [
      'numbers for each image',
      (input) => input.add(tf.tensor1d(new Float32Array(input.shape[0])).reshape([-1, 1])),
      /^layer doing: expected no numbers made in JavaScript for each image/,
    ],
    [
      'the number of images twice in a shape',
      (input) =>
        input.reshape([input.shape[0], 1, 4]).add(input).reshape([input.shape[0], input.shape[0], 4]).sum(0),
      /^layer doing: expected the number of images in one side of a shape/,
    ],
  ])('%s', async (_, work, reason) => {
    const model = tf.sequential({
      layers: [tf.layers.flatten({ inputShape: [2, 2, 1] }), new Doing((x) => x)],
    });
    const doing = new Doing(work);
    model.layers[1]!.call = (inputs) => doing.call(inputs);
    const backend = tf.getBackend();
    const computation = (images: tf.Tensor4D) => model.apply(images) as tf.Tensor;
    const recording = recordTfjs({ model, input: [2, 2, 1], computation, named: new Map() });
    await expect(recording).rejects.toThrow(reason);
    expect(tf.getBackend()).toBe(backend);
    expect(tf.add(1, 2).dataSync()[0]).toBe(3);
    model.dispose();
  });
});
