/** The input gradient and Grad-CAM, beside plain loops and finite differences. */
import { zoo } from '../../../models/registry';
import { layerGraph } from '../../../src/describe/layers/layer-graph';
import { lastConvolution } from '../../../src/describe/inspect/layers-shown';
import { gradCam, inputGradient, type Scored } from '../../../src/describe/inspect/score-gradients';
import { activationsOf } from '../../../src/describe/units/activations';
import { compare } from '../../../src/describe/gradients/finite-difference';
import { shapesOf } from '../../../src/describe/describe-network';
import { mainPathOf } from '../../../src/layers/layer-walk';
import { UserError } from '../../../src/core/errors';
import { tf } from '../../../src/core/tf';
import { useBackend } from '../../../src/runtime/backend';
import { fillWeights, randomTensor } from '../../support/fixtures';

beforeAll(async () => {
  await useBackend('wasm');
});

const maps = 5;

/** Maps that a dense layer reads at once, so that the gradients of a score are the dense layer's own weights. */
function denseAbove(): Scored {
  const image = tf.input({ shape: [6, 5, 2], name: 'image' });
  const convolved = tf.layers
    .conv2d({ name: 'maps', filters: maps, kernelSize: 3, padding: 'same', activation: 'relu' })
    .apply(image);
  const flat = tf.layers.flatten({ name: 'flat' }).apply(convolved);
  const scores = tf.layers.dense({ name: 'scores', units: 3 }).apply(flat) as tf.SymbolicTensor;
  const model = tf.model({ inputs: image, outputs: scores });
  fillWeights(model);
  return { model, recipe: { ...zoo['lenet5-modern'].recipe } };
}

/** The networks on which derivatives are compared with differences: logits, distances and activations. */
const networks = ['lenet5', 'lenet1', 'nin-mnist'] as const;

function filled(name: (typeof networks)[number]): Scored & { readonly side: number } {
  const { build, recipe } = zoo[name];
  const model = build({ classes: 10, seed: 1 });
  fillWeights(model);
  return { model, recipe, side: recipe.input.shape[0] };
}

/** How much a score speaks for a class: of distances, the smaller is the better. */
async function evidence({ model, recipe }: Scored, input: Float32Array, wanted: number): Promise<number> {
  const scores = (await activationsOf(model).of(input)).get(layerGraph(mainPathOf(model)).at(-1)!.name)!;
  return (recipe.loss.kind === 'rbfPenalty' ? -1 : 1) * scores.values[wanted]!;
}

test('Grad-CAM weighs each map by the mean of its gradients, which a dense layer above has as its weights', async () => {
  const trained = denseAbove();
  const input = randomTensor([6, 5, 2], 3).dataSync<'float32'>();
  const kernel = trained.model.getLayer('scores').getWeights()[0]!.arraySync() as number[][];
  const outputs = (await activationsOf(trained.model).of(input)).get('maps')!.values;
  let above = 0;
  for (const wanted of [0, 1, 2]) {
    const found = await gradCam(trained, input, wanted, 'maps');
    expect([found.height, found.width, found.values.length]).toEqual([6, 5, 30]);
    const weights = Array.from({ length: maps }, (_, map) => {
      let sum = 0;
      for (let place = 0; place < 30; place++) sum += kernel[place * maps + map]![wanted]!;
      return sum / 30;
    });
    weights.forEach((weight, map) => expect(found.weights[map]).toBeCloseTo(weight, 5));
    for (let place = 0; place < 30; place++) {
      let sum = 0;
      for (let map = 0; map < maps; map++) sum += weights[map]! * outputs[place * maps + map]!;
      expect(found.values[place]).toBeCloseTo(Math.max(0, sum), 5);
      if (sum > 0) above++;
    }
  }
  expect(above).toBeGreaterThan(0);
  trained.model.dispose();
});

test.each(['lenet5', 'lenet1'] as const)(
  'a map’s weight in %s is the derivative of the score when all of the map is raised, by the number of its positions',
  async (name) => {
    const trained = filled(name);
    const input = randomTensor([trained.side, trained.side, 1], 5).dataSync<'float32'>();
    // The layer whose bias raises every position of a map alike, before anything bends it.
    const layer = { lenet5: 'C3', lenet1: 'H3' }[name];
    const found = await gradCam(trained, input, 4, layer);
    const own = trained.model.getLayer(layer);
    const bias = own.weights.find(
      ({ originalName, shape }) => originalName.endsWith('/bias') && shape.length === 1,
    );
    if (!bias) throw new Error('expected one bias a map');
    const values = (await bias.read().data()).slice();
    const before = await evidence(trained, input, 4);
    const largest = Math.max(...found.weights.map((weight) => Math.abs(weight * found.values.length)));
    let compared = 0;
    for (const map of [0, 3, found.weights.length - 1]) {
      const derivative = found.weights[map]! * found.values.length;
      const at = async (shift: number) => {
        const moved = values.slice();
        moved[map]! += shift;
        const tensor = tf.tensor1d(moved);
        bias.write(tensor);
        const change = (await evidence(trained, input, 4)) - before;
        tensor.dispose();
        return { change, by: moved[map]! - values[map]! };
      };
      const { error, skipped } = await compare({ derivative, largest, size: 1, at });
      bias.write(tf.tensor1d(values));
      if (skipped) continue;
      compared++;
      expect(error).toBeLessThan(0.01);
    }
    expect(compared).toBeGreaterThan(1);
    trained.model.dispose();
  },
);

test.each(networks)(
  'the input gradient of %s is the difference that a change of a pixel makes',
  async (name) => {
    const trained = filled(name);
    const input = randomTensor([trained.side, trained.side, 1], 7).dataSync<'float32'>();
    const { values, saliency } = await inputGradient(trained, input, 2);
    const before = await evidence(trained, input, 2);
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeGreaterThan(0);
    let compared = 0;
    for (const pixel of [values.findIndex((value) => Math.abs(value) === largest), 333, 410, 518]) {
      const at = async (shift: number) => {
        const moved = input.slice();
        moved[pixel]! += shift;
        return { change: (await evidence(trained, moved, 2)) - before, by: moved[pixel]! - input[pixel]! };
      };
      const { error, skipped } = await compare({ derivative: values[pixel]!, largest, size: 1, at });
      expect(saliency[pixel]).toBe(Math.abs(values[pixel]!));
      if (skipped) continue;
      compared++;
      expect(error).toBeLessThan(0.01);
    }
    expect(compared).toBeGreaterThan(2);
    trained.model.dispose();
  },
);

test('of a picture in colours, a pixel’s saliency is the largest of its channels', async () => {
  const trained = denseAbove();
  const { values, saliency, channels } = await inputGradient(
    trained,
    randomTensor([6, 5, 2], 3).dataSync<'float32'>(),
    1,
  );
  expect(channels).toBe(2);
  for (let place = 0; place < 30; place++)
    expect(saliency[place]).toBe(Math.max(Math.abs(values[2 * place]!), Math.abs(values[2 * place + 1]!)));
  trained.model.dispose();
});

test('auxiliary heads do not count, nothing is dropped, and no tensors are left', async () => {
  const network = zoo.googlenet;
  const model = network.build({ classes: 3, input: [80, 80, 3], seed: 2 });
  fillWeights(model);
  const trained = { model, recipe: network.recipe };
  const input = randomTensor([80, 80, 3], 4).dataSync<'float32'>();
  await inputGradient(trained, input, 0);
  const before = tf.memory().numTensors;
  const [first, second] = [
    await gradCam(trained, input, 1, 'inception_5b/output'),
    await inputGradient(trained, input, 1),
  ];
  expect(tf.memory().numTensors).toBe(before);
  expect((await gradCam(trained, input, 1, 'inception_5b/output')).values).toEqual(first.values);
  expect((await inputGradient(trained, input, 1)).values).toEqual(second.values);
  // Above the last maps there is the average and a dense layer, whose weights are then the maps' weights, shared out.
  const kernel = model.getLayer('loss3/classifier').getWeights()[0]!.arraySync() as number[][];
  const places = first.height * first.width;
  first.weights.forEach((weight, map) => expect(weight * places).toBeCloseTo(kernel[map]![1]!, 5));
  await expect(gradCam(trained, input, 1, 'loss3/classifier')).rejects.toThrow(UserError);
  await expect(gradCam(trained, input, 1, 'loss1/conv')).rejects.toThrow(
    'expected a layer of maps, found no such',
  );
  model.dispose();
});

test('Grad-CAM is of the last convolution that has positions, as its rectification leaves it', () => {
  const lastOf = (name: keyof typeof zoo) => {
    const model = shapesOf(name, zoo[name]);
    const found = lastConvolution(layerGraph(mainPathOf(model)))?.name;
    model.dispose();
    return found;
  };
  expect(
    (
      ['lenet5', 'lenet1', 'alexnet', 'vgg-d', 'nin-mnist', 'googlenet', 'googlenet-torchvision'] as const
    ).map(lastOf),
  ).toEqual([
    'C3/tanh',
    'H3/tanh',
    'conv5',
    'conv5_3',
    'cccp6',
    'inception_5b/output',
    'inception_5b/output',
  ]);
});
