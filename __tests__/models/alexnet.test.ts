import { family as alexnet } from '../../models/alexnet';
import { UserError } from '../../src/core/errors';
import { shareWeights } from '../../src/layers/fully-connected';
import { withoutDrawing } from '../../src/layers/initialise/initialise';
import { describeModel } from '../../src/describe/describe-model';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { recipeSchema } from '../../src/core/recipe/schema';
import { randomTensor, savedAndLoaded } from '../support/fixtures';

type Name = keyof typeof alexnet;
const names = Object.keys(alexnet) as Name[];

beforeAll(async () => void (await useBackend()));

/** Output sides by hand: (227 − 11) / 4 + 1 = 55, and a pooling takes (side − 3) / 2 + 1. */
const paperShapes = {
  conv1: [55, 55, 96],
  norm1: [55, 55, 96],
  pool1: [27, 27, 96],
  conv2: [27, 27, 256],
  norm2: [27, 27, 256],
  pool2: [13, 13, 256],
  conv3: [13, 13, 384],
  conv4: [13, 13, 384],
  conv5: [13, 13, 256],
  pool5: [6, 6, 256],
  fc6: [4096],
  drop6: [4096],
  fc7: [4096],
  drop7: [4096],
  fc8: [1000],
};
const torchvisionShapes = {
  conv1: [55, 55, 64],
  pool1: [27, 27, 64],
  conv2: [27, 27, 192],
  pool2: [13, 13, 192],
  conv3: [13, 13, 384],
  conv4: [13, 13, 256],
  conv5: [13, 13, 256],
  pool5: [6, 6, 256],
};
const caffenetShapes = { ...paperShapes, norm1: [27, 27, 96], norm2: [13, 13, 256] };

/** Multiply-adds are positions × kernel × maps that an output sees × outputs. */
const costs: Record<
  Name,
  { total: number; parameters: number; layers: Record<string, number>; shapes: object }
> = {
  alexnet: {
    parameters: 60_965_224,
    total: 724_406_816,
    layers: {
      conv1: 55 * 55 * 11 * 11 * 3 * 96,
      conv2: 27 * 27 * 25 * 48 * 256,
      conv3: 13 * 13 * 9 * 256 * 384,
      conv4: 13 * 13 * 9 * 192 * 384,
      conv5: 13 * 13 * 9 * 192 * 256,
      fc6: 9216 * 4096,
      fc7: 4096 * 4096,
      fc8: 4096 * 1000,
    },
    shapes: paperShapes,
  },
  'alexnet-ungrouped': {
    parameters: 62_378_344,
    total: 1_135_256_096,
    layers: {
      conv2: 27 * 27 * 25 * 96 * 256,
      conv4: 13 * 13 * 9 * 384 * 384,
      conv5: 13 * 13 * 9 * 384 * 256,
    },
    shapes: paperShapes,
  },
  'alexnet-bvlc': { parameters: 60_965_224, total: 724_406_816, layers: {}, shapes: paperShapes },
  caffenet: { parameters: 60_965_224, total: 724_406_816, layers: {}, shapes: caffenetShapes },
  'alexnet-torchvision': {
    parameters: 61_100_840,
    total: 714_188_480,
    layers: { conv1: 55 * 55 * 121 * 3 * 64, conv2: 27 * 27 * 25 * 64 * 192 },
    shapes: torchvisionShapes,
  },
};

describe.each(names)('%s', (name) => {
  const network = alexnet[name];

  it('has the published parameters, multiply-adds and maps, layer by layer', () => {
    const model = withoutDrawing(() => network.build({ classes: 1000, seed: 1 }));
    const description = describeModel(model);
    const layer = (wanted: string) => description.layers.find((found) => found.name === wanted)!;
    expect(description.parameters).toBe(costs[name].parameters);
    expect(description.multiplyAdds).toBe(costs[name].total);
    for (const [of, parameters] of Object.entries(network.paper.parameters.layers))
      expect([of, layer(of).parameters]).toEqual([of, parameters]);
    for (const [of, multiplyAdds] of Object.entries(costs[name].layers))
      expect([of, layer(of).multiplyAdds]).toEqual([of, multiplyAdds]);
    for (const [of, shape] of Object.entries(costs[name].shapes))
      expect([of, layer(of).outputShape]).toEqual([of, shape]);
    model.dispose();
  });

  it('refuses an input that leaves pool5 nothing, and says what is the least', () => {
    const least = name === 'alexnet-torchvision' ? 63 : 55;
    const build = (side: number) =>
      withoutDrawing(() => network.build({ classes: 10, seed: 1, input: [side, side + 8, 3] }));
    expect(() => build(least - 1)).toThrow(UserError);
    expect(() => build(least - 1)).toThrow(
      `${name}: expected an input of at least ${least}×${least}, found ${least - 1}×${least + 7}`,
    );
    const model = build(least);
    expect(model.getLayer('pool5').outputShape).toEqual([null, 1, 1, 256]);
    model.dispose();
  });

  it('holds a recipe and a paper that equal their own JSON', () => {
    const { recipe, paper } = network;
    expect(JSON.parse(JSON.stringify(recipe))).toEqual(recipe);
    expect(JSON.parse(JSON.stringify(paper))).toEqual(paper);
    expect(recipeSchema.parse(recipe)).toEqual(recipe);
  });
});

it('comes in the order of layers that its source draws', () => {
  const order = (name: Name) => {
    const model = withoutDrawing(() => alexnet[name].build({ classes: 10, seed: 1 }));
    const found = model.layers.map((layer) => layer.name).filter((layer) => !/image|flat/.test(layer));
    model.dispose();
    return found.join(' ');
  };
  const tail = 'conv3 conv4 conv5 pool5 fc6 drop6 fc7 drop7 fc8';
  expect(order('alexnet')).toBe(`conv1 norm1 pool1 conv2 norm2 pool2 ${tail}`);
  expect(order('caffenet')).toBe(`conv1 pool1 norm1 conv2 pool2 norm2 ${tail}`);
  expect(order('alexnet-torchvision')).toBe(
    'pad1 conv1 pool1 conv2 pool2 conv3 conv4 conv5 pool5 drop6 fc6 drop7 fc7 fc8',
  );
});

it('starts with the paper’s weights: deviation 0.01, biases of 1 in conv2, conv4, conv5, fc6 and fc7', () => {
  const model = alexnet.alexnet.build({ classes: 10, seed: 3, input: [67, 67, 3] });
  for (const layer of model.layers.filter(({ weights }) => weights.length > 0)) {
    const [kernel, bias] = layer.getWeights();
    const { mean, variance } = tf.moments(kernel!);
    const deviations = Math.sqrt(kernel!.size); // of the mean, in units of a weight's deviation
    expect(Math.abs(mean.dataSync()[0]!)).toBeLessThan((5 * 0.01) / deviations);
    expect(Math.abs(Math.sqrt(variance.dataSync()[0]!) / 0.01 - 1)).toBeLessThan(5 / deviations);
    const start = ['conv2', 'conv4', 'conv5', 'fc6', 'fc7'].includes(layer.name) ? 1 : 0;
    expect(new Set(bias!.dataSync())).toEqual(new Set([start]));
  }
  model.dispose();
});

it('draws the same weights in its convolutional form', () => {
  const options = { classes: 10, seed: 3 };
  const [dense, wide] = [{}, { convolutional: true }].map((form) =>
    alexnet.alexnet.build({ ...options, ...form }),
  );
  for (const { name } of dense!.layers.filter(({ weights }) => weights.length > 0)) {
    const [kernel, other] = [dense!, wide!].map((model) => model.getLayer(name).getWeights()[0]!);
    expect(tf.tidy(() => kernel!.reshape(other!.shape).equal(other!).all().dataSync()[0])).toBe(1);
  }
  expect(wide!.getLayer('fc6').getWeights()[0]!.shape).toEqual([6, 6, 256, 4096]);
  dense!.dispose();
  wide!.dispose();
});

it('gives one score a position of a larger input in its convolutional form, as the layers on each window do', async () => {
  const before = tf.memory().numTensors;
  const dense = alexnet.alexnet.build({ classes: 10, seed: 3 });
  const wide = withoutDrawing(() =>
    alexnet.alexnet.build({ classes: 10, seed: 3, input: [227, 259, 3], convolutional: true }),
  );
  shareWeights(dense, wide);
  const { scores, expected } = tf.tidy(() => {
    const image = randomTensor([1, 227, 259, 3], 5).mul(128);
    const outputs = ['pool5', 'fc8'].map((name) => wide.getLayer(name).output as tf.SymbolicTensor);
    const [maps, found] = tf.model({ inputs: wide.inputs, outputs }).predict(image) as tf.Tensor4D[];
    expect(maps!.shape).toEqual([1, 6, 7, 256]);
    const ofWindow = (column: number) =>
      ['fc6', 'fc7', 'fc8'].reduce<tf.Tensor>(
        (below, name) => dense.getLayer(name).apply(below) as tf.Tensor,
        maps!.slice([0, 0, column, 0], [1, 6, 6, 256]).reshape([1, 9216]),
      );
    return { scores: found!.clone(), expected: tf.concat([ofWindow(0), ofWindow(1)]) };
  });
  expect(scores.shape).toEqual([1, 1, 2, 10]);
  const found = await scores.data();
  (await expected.data()).forEach((score, index) => expect(found[index]! / score).toBeCloseTo(1, 3));
  tf.dispose([scores, expected]);
  dense.dispose();
  wide.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('refuses an input in its convolutional form that is smaller than fc6 sees', () => {
  const options = { classes: 10, seed: 3, input: [200, 259, 3], convolutional: true } as const;
  expect(() => alexnet.alexnet.build(options)).toThrow(
    'alexnet: expected an input of at least 227×227 for the convolutional form, found 200×259',
  );
});

it('gives the same scores after saving and loading', async () => {
  const model = alexnet.alexnet.build({ classes: 10, seed: 3, input: [67, 67, 3] });
  const input = randomTensor([2, 67, 67, 3], 1);
  const loaded = await savedAndLoaded(model);
  expect(await (loaded.predict(input) as tf.Tensor).data()).toEqual(
    await (model.predict(input) as tf.Tensor).data(),
  );
  model.dispose();
  loaded.dispose();
});
