import { family as nin } from '../../models/nin';
import { datasetInMemory } from '../../src/data/dataset';
import { UserError } from '../../src/core/errors';
import { shareWeights } from '../../src/layers/fully-connected';
import { initialise, withoutDrawing } from '../../src/layers/initialise/initialise';
import type { Recipe } from '../../src/core/network';
import { seededRandom } from '../../src/core/random';
import { describeModel } from '../../src/describe/describe-model';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { stepFor } from '../../src/train/step/choose-step';
import { recipeSchema } from '../../src/core/recipe/schema';
import { train } from '../../src/train/train';
import { randomTensor } from '../support/fixtures';

type Name = keyof typeof nin;
const names = Object.keys(nin) as Name[];

/** Output shape, parameters and multiply-adds of each layer with weights, counted from the authors' layer files. */
type Line = readonly [layer: string, shape: string, parameters: number, multiplyAdds: number];
const cifarBelow: readonly Line[] = [
  ['conv1', '32×32×192', 14_592, 14_745_600],
  ['cccp1', '32×32×160', 30_880, 31_457_280],
  ['cccp2', '32×32×96', 15_456, 15_728_640],
  ['conv2', '16×16×192', 460_992, 117_964_800],
  ['cccp3', '16×16×192', 37_056, 9_437_184],
  ['cccp4', '16×16×192', 37_056, 9_437_184],
  ['conv3', '8×8×192', 331_968, 21_233_664],
  ['cccp5', '8×8×192', 37_056, 2_359_296],
];
const cifar10: readonly Line[] = [...cifarBelow, ['cccp6', '8×8×10', 1_930, 122_880]];
const published: Record<Name, { lines: readonly Line[]; parameters: number; multiplyAdds: number }> = {
  'nin-cifar10': { lines: cifar10, parameters: 966_986, multiplyAdds: 222_486_528 },
  'nin-cifar10-caffe': { lines: cifar10, parameters: 966_986, multiplyAdds: 222_486_528 },
  'nin-cifar100': {
    lines: [...cifarBelow, ['cccp6', '8×8×100', 19_300, 1_228_800]],
    parameters: 984_356,
    multiplyAdds: 223_592_448,
  },
  'nin-mnist': {
    lines: [
      ['conv1', '28×28×96', 2_496, 1_881_600],
      ['cccp1', '28×28×64', 6_208, 4_816_896],
      ['cccp2', '28×28×48', 3_120, 2_408_448],
      ['conv2', '14×14×128', 153_728, 30_105_600],
      ['cccp3', '14×14×96', 12_384, 2_408_448],
      ['cccp4', '14×14×48', 4_656, 903_168],
      ['conv3', '7×7×128', 153_728, 7_526_400],
      ['cccp5', '7×7×96', 12_384, 602_112],
      ['cccp6', '7×7×10', 970, 47_040],
    ],
    parameters: 349_674,
    multiplyAdds: 50_699_712,
  },
  'nin-svhn': {
    lines: [
      ['conv1', '32×32×128', 9_728, 9_830_400],
      ['cccp1', '32×32×96', 12_384, 12_582_912],
      ['cccp2', '32×32×64', 6_208, 6_291_456],
      ['conv2', '16×16×320', 512_320, 131_072_000],
      ['cccp3', '16×16×256', 82_176, 20_971_520],
      ['cccp4', '16×16×128', 32_896, 8_388_608],
      ['conv3', '8×8×384', 1_229_184, 78_643_200],
      ['cccp5', '8×8×256', 98_560, 6_291_456],
      ['cccp6', '8×8×10', 2_570, 163_840],
    ],
    parameters: 1_986_026,
    multiplyAdds: 274_235_392,
  },
  'nin-imagenet': {
    lines: [
      ['conv1', '54×54×96', 34_944, 101_616_768],
      ['cccp1', '54×54×96', 9_312, 26_873_856],
      ['cccp2', '54×54×96', 9_312, 26_873_856],
      ['conv2', '27×27×256', 614_656, 447_897_600],
      ['cccp3', '27×27×256', 65_792, 47_775_744],
      ['cccp4', '27×27×256', 65_792, 47_775_744],
      ['conv3', '13×13×384', 885_120, 149_520_384],
      ['cccp5', '13×13×384', 147_840, 24_920_064],
      ['cccp6', '13×13×384', 147_840, 24_920_064],
      ['conv4-1024', '6×6×1024', 3_539_968, 127_401_984],
      ['cccp7-1024', '6×6×1024', 1_049_600, 37_748_736],
      ['cccp8-1024', '6×6×1000', 1_025_000, 36_864_000],
    ],
    parameters: 7_595_176,
    multiplyAdds: 1_100_188_800,
  },
};
const classesOf = (name: Name) => ({ 'nin-imagenet': 1000, 'nin-cifar100': 100 })[name as string] ?? 10;

beforeAll(async () => void (await useBackend()));

describe.each(names)('%s', (name) => {
  const { paper, recipe, build, head } = nin[name];

  it('has the authors’ shapes, parameters and multiply-adds, layer by layer', () => {
    const model = withoutDrawing(() => build({ classes: classesOf(name), seed: 1 }));
    const { layers } = describeModel(model);
    const { lines, parameters, multiplyAdds } = published[name];
    const counted = layers
      .filter((layer) => layer.parameters > 0)
      .map((layer) => [layer.name, layer.outputShape.join('×'), layer.parameters, layer.multiplyAdds]);
    expect(counted).toEqual(lines);
    const sum = (field: 'parameters' | 'multiplyAdds') =>
      layers.reduce((total, layer) => total + layer[field], 0);
    expect([sum('parameters'), sum('multiplyAdds')]).toEqual([parameters, multiplyAdds]);
    expect(paper.parameters.exact).toBe(parameters);
    expect(paper.parameters.layers).toEqual(
      Object.fromEntries(lines.map(([layer, , count]) => [layer, count])),
    );
    expect(model.outputShape).toEqual([null, classesOf(name)]);
    expect(head).toEqual([lines.at(-1)![0]]);
    model.dispose();
  });

  it('has a recipe and a paper that equal their own JSON, and a recipe that the schema takes', () => {
    expect(JSON.parse(JSON.stringify({ recipe, paper }))).toEqual({ recipe, paper });
    expect(recipeSchema.safeParse(recipe).error).toBeUndefined();
  });
});

it('pools to the sizes of the authors’ ceiling rule', () => {
  const shapes = (name: Name) =>
    describeModel(withoutDrawing(() => nin[name].build({ classes: 10, seed: 1 })))
      .layers.filter((layer) => /^pool\d/.test(layer.name))
      .map((layer) => `${layer.name} ${layer.outputShape.join('×')}`);
  expect(shapes('nin-imagenet')).toEqual(['pool0 27×27×96', 'pool2 13×13×256', 'pool3 6×6×384', 'pool4 10']);
  expect(shapes('nin-mnist')).toEqual(['pool1 14×14×48', 'pool2 7×7×48']);
  expect(shapes('nin-cifar10')).toEqual(['pool1 16×16×96', 'pool2 8×8×192']);
});

it('the variant for Caffe averages in its second pooling, over the pixels that its windows touch', async () => {
  const model = nin['nin-cifar10-caffe'].build({ classes: 10, input: [8, 8, 3], seed: 1 });
  const below = model.getLayer('cccp4').output as tf.SymbolicTensor;
  const pooled = model.getLayer('pool2').output as tf.SymbolicTensor;
  const part = tf.model({ inputs: model.inputs, outputs: [below, pooled] });
  const [maps, averages] = part.predict(randomTensor([1, 8, 8, 3], 1)) as tf.Tensor4D[];
  const [before, after] = [(await maps!.array())[0]!, (await averages!.array())[0]!]; // 4×4×192, 2×2×192
  const mean = (rows: number[], columns: number[]) =>
    rows.flatMap((row) => columns.map((column) => before[row]![column]![7]!)).reduce((a, b) => a + b) /
    (rows.length * columns.length);
  expect(after[0]![0]![7]).toBeCloseTo(mean([0, 1, 2], [0, 1, 2]), 5);
  expect(after[0]![1]![7]).toBeCloseTo(mean([0, 1, 2], [2, 3]), 5);
  expect(after[1]![1]![7]).toBeCloseTo(mean([2, 3], [2, 3]), 5);
});

it('starts with the deviations that the authors’ files state', () => {
  const deviation = (name: Name, layer: string) => {
    const model = nin[name].build({ classes: 10, seed: 3 });
    const value = tf.tidy(
      () => tf.moments(model.getLayer(layer).getWeights()[0]!).variance.sqrt().dataSync()[0]!,
    );
    model.dispose();
    return value;
  };
  const relative = (found: number, stated: number) => expect(Math.abs(found / stated - 1)).toBeLessThan(0.05);
  relative(deviation('nin-cifar10', 'conv1'), 0.05);
  relative(deviation('nin-cifar100', 'conv1'), 0.001);
  relative(deviation('nin-cifar100', 'cccp2'), 0.01);
  relative(deviation('nin-imagenet', 'conv3'), 0.01);
  relative(deviation('nin-imagenet', 'cccp6'), 0.05);
});

it('averages all positions of larger images, and in the convolutional form every window of the authors’ size', async () => {
  const { build } = nin['nin-mnist'];
  const [plain, sliding] = [
    build({ classes: 4, input: [36, 28, 1], seed: 1 }),
    build({ classes: 4, input: [36, 28, 1], seed: 2, convolutional: true }),
  ];
  shareWeights(plain, sliding);
  expect(sliding.outputShape).toEqual([null, 3, 1, 4]);
  const image = randomTensor([2, 36, 28, 1], 3);
  const part = tf.model({ inputs: plain.inputs, outputs: plain.getLayer('cccp6').output });
  const maps = part.predict(image) as tf.Tensor4D; // [2, 9, 7, 4]
  const difference = (a: tf.Tensor, b: tf.Tensor) => a.sub(b).abs().max().dataSync()[0]!;
  expect(difference(plain.predict(image) as tf.Tensor, maps.mean([1, 2]))).toBeLessThan(1e-6);
  const windows = tf.stack(
    [0, 1, 2].map((row) => maps.slice([0, row], [2, 7]).mean([1, 2])),
    1,
  );
  expect(difference((sliding.predict(image) as tf.Tensor).squeeze([2]), windows)).toBeLessThan(1e-6);
});

it.each([
  ['nin-cifar10', 4],
  ['nin-imagenet', 39],
] as const)('%s takes images from %i pixels on and says so of smaller ones', (name, least) => {
  const { build } = nin[name];
  expect(build({ classes: 2, input: [least, least, 3], seed: 1 }).outputShape).toEqual([null, 2]);
  const attempt = () => build({ classes: 2, input: [least, least - 1, 3], seed: 1 });
  expect(attempt).toThrow(UserError);
  expect(attempt).toThrow(
    `expected an input of at least ${least}×${least}, which leaves one position, found ${least}×${least - 1}`,
  );
});

/** Eight noisy images, dark, bright or half and half by their class, and the recipe of MNIST for them. */
function miniature() {
  const random = seededRandom(5);
  const data = datasetInMemory({
    name: 'halves',
    synthetic: true,
    classes: ['a', 'b', 'c'],
    shape: [8, 8, 1],
    labels: Int32Array.from({ length: 8 }, (_, index) => index % 3),
    pixels: Uint8Array.from({ length: 8 * 64 }, (_, index) => {
      const [kind, lower] = [Math.floor(index / 64) % 3, index % 64 >= 32];
      return (kind === 1 || (kind === 2 && lower) ? 190 : 0) + random.integer(66);
    }),
  });
  const recipe: Recipe = {
    ...nin['nin-mnist'].recipe,
    input: { shape: [8, 8, 1], preprocess: [{ kind: 'range', black: -1, white: 1 }] },
    epochs: 16,
    batchSize: 8,
    schedule: { kind: 'constant', rate: 0.02 },
  };
  const model = nin['nin-mnist'].build({ classes: 3, input: [8, 8, 1], seed: 1 });
  // From the authors' small weights these narrow layers need hundreds of updates before they leave chance.
  initialise(model, { kernel: { kind: 'uniformOverRootFanIn', scale: Math.sqrt(6) }, bias: 0 }, 1);
  return { data, recipe, model };
}

it.each(['tensorflow', 'wasm'] as const)('learns eight images on %s through the loop', async (backend) => {
  await useBackend(backend);
  const { data, recipe, model } = miniature();
  const before = tf.memory().numTensors;
  const losses: number[] = [];
  for await (const { loss } of train({ model, recipe, data, seed: 1 })) losses.push(loss);
  expect(Math.min(...losses.slice(-5))).toBeLessThan(0.7 * losses[0]!);
  expect(tf.memory().numTensors).toBe(before);
});

it('drops the same values in the same update and others in another', async () => {
  await useBackend();
  const lossAt = async (step: number, seed: number) => {
    const { recipe, model } = miniature();
    const images = randomTensor([8, 8, 8, 1], 2).dataSync<'float32'>();
    const update = stepFor(model, recipe, seed, { kind: 'eager' });
    const labels = Int32Array.from({ length: 8 }, (_, index) => index % 3);
    return update.run({ images, shape: [8, 8, 1], labels }, 0.1, step);
  };
  const first = await lossAt(3, 1);
  expect(await lossAt(3, 1)).toBe(first);
  expect(await lossAt(4, 1)).not.toBe(first);
  expect(await lossAt(3, 2)).not.toBe(first);
});
