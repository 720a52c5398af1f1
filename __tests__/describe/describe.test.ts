import { networkNames, zoo } from '../../models/registry';
import { GroupedConv2D } from '../../src/layers/grouped-conv';
import { initialise, withoutDrawing } from '../../src/layers/initialise/initialise';
import type { Network, Recipe } from '../../src/core/network';
import { describeModel } from '../../src/describe/describe-model';
import { describeNetwork } from '../../src/describe/describe-network';
import { describedText } from '../../src/describe/describe-text';
import { diffNetworks } from '../../src/describe/diff';
import { diffText } from '../../src/describe/diff-text';
import { estimateMemory } from '../../src/describe/memory';
import { overview, overviewText } from '../../src/report/overview';
import { networksTable } from '../../scripts/readme/tables';
import { weightPrior } from '../../src/describe/weight-prior';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { command } from '../support/fixtures';

beforeAll(async () => void (await useBackend('cpu')));

const zeros = { kernelInitializer: 'zeros' } as const;
type Maps = tf.SymbolicTensor;

interface ToyOptions {
  readonly stride?: number;
  readonly normalised?: boolean;
}

/** 8×8×4 → a convolution, two branches, a grouped convolution, scores; and an auxiliary head on the branches. */
function toy({ stride = 2, normalised = true }: ToyOptions = {}): tf.LayersModel {
  const image = tf.input({ shape: [8, 8, 4], name: 'image' });
  const c = tf.layers
    .conv2d({ name: 'c', filters: 6, kernelSize: 3, strides: stride, ...zeros })
    .apply(image);
  const one = tf.layers.conv2d({ name: 'm/one', filters: 2, kernelSize: 1, ...zeros }).apply(c) as Maps;
  const pool = tf.layers
    .maxPooling2d({ name: 'm/pool', poolSize: 3, strides: 1, padding: 'same' })
    .apply(c) as Maps;
  const join = tf.layers.concatenate({ name: 'm/join' }).apply([one, pool]) as Maps;
  const g = new GroupedConv2D({ name: 'g', filters: 8, kernelSize: 3, groups: 2 }).apply(join) as Maps;
  const bn = normalised ? (tf.layers.batchNormalization({ name: 'bn' }).apply(g) as Maps) : g;
  const flat = tf.layers.flatten({ name: 'flat' }).apply(bn);
  const scores = tf.layers.dense({ name: 'scores', units: 5, ...zeros }).apply(flat) as Maps;
  const mean = tf.layers.globalAveragePooling2d({ name: 'aux/mean' }).apply(join);
  const aux = tf.layers.dense({ name: 'aux/scores', units: 5, ...zeros }).apply(mean) as Maps;
  return tf.model({ name: 'toy', inputs: image, outputs: [scores, aux] });
}

const recipe: Recipe = { ...zoo.lenet5.recipe, dataset: 'mnist', batchSize: 2, weightDecay: 0.0005 };

function toyNetwork(options: ToyOptions, changed: Partial<Recipe> = {}): Network {
  return {
    paper: { ...zoo.lenet5.paper, parameters: { exact: 913, layers: { c: 222, g: 300 } }, results: [] },
    recipe: { ...recipe, ...changed },
    head: ['scores'],
    build: () => toy(options),
  };
}

it('counts branches, groups, normalisation and heads as one does by hand', () => {
  const { layers, ...totals } = describeModel(toy());
  const row = (name: string) => layers.find((layer) => layer.name === name)!;
  // c: 3·3·4·6 + 6 weights at 3×3 positions. m/one: 6·2 + 2. g: 3·3·(8/2)·8 + 8. bn: scale and shift. scores: 72·5 + 5.
  expect(totals).toEqual({
    parameters: 222 + 14 + 296 + 16 + 365,
    auxiliaryParameters: 8 * 5 + 5,
    fixedParameters: 16,
    multiplyAdds: 9 * 216 + 9 * 12 + 9 * 288 + 360,
    connections: 9 * 216 + 54 + 9 * 12 + 18 + 9 * 288 + 72 + 365,
  });
  expect(row('g')).toMatchObject({ parameters: 296, multiplyAdds: 2592, outputShape: [3, 3, 8] });
  expect(row('bn')).toMatchObject({ parameters: 16, fixedParameters: 16, multiplyAdds: 0 });
  expect(row('m/join')).toMatchObject({ inputs: ['m/one', 'm/pool'], outputShape: [3, 3, 8] });
  expect(layers.map(({ name }) => name)).toEqual([
    'c', 'm/one', 'm/pool', 'm/join', 'g', 'bn', 'flat', 'scores', 'aux/mean', 'aux/scores',
  ]); // prettier-ignore
  expect(layers.filter(({ auxiliary }) => auxiliary).map(({ name }) => name)).toEqual([
    'aux/mean',
    'aux/scores',
  ]);
});

it('finds the receptive fields that the gradient of one unit shows', async () => {
  const image = tf.input({ shape: [40, 40, 1] });
  const layers = [
    tf.layers.conv2d({ filters: 1, kernelSize: 5, strides: 2, kernelInitializer: 'ones' }), // 18×18
    tf.layers.averagePooling2d({ poolSize: 3, strides: 2 }), // 8×8
    tf.layers.conv2d({ filters: 1, kernelSize: 3, kernelInitializer: 'ones' }), // 6×6
  ];
  const outputs = layers.reduce((below, layer) => layer.apply(below) as Maps, image);
  const model = tf.model({ inputs: image, outputs });
  const rowsSeen = (row: number) =>
    tf.tidy(() => {
      const unit = (x: tf.Tensor) =>
        (model.apply(x) as tf.Tensor4D).slice([0, row, 1, 0], [1, 1, 1, 1]).sum();
      const seen = tf
        .grad(unit)(tf.ones([1, 40, 40, 1]))
        .abs()
        .sum([0, 2, 3])
        .arraySync() as number[];
      return [seen.findIndex((value) => value > 0), seen.findLastIndex((value) => value > 0)] as const;
    });
  const [top, bottom] = rowsSeen(1);
  expect(describeModel(model).layers.at(-1)!.receptiveField).toEqual({
    size: bottom - top + 1,
    stride: rowsSeen(2)[0] - top,
  });
});

it('finds the published receptive fields of AlexNet and VGG, and the largest of a module’s branches', () => {
  const field = (name: 'alexnet' | 'vgg-d', layer: string) =>
    describeNetwork(name, zoo[name]).layers.find((row) => row.name === layer)!.receptiveField;
  // Araujo, Norris, Sim 2019, "Computing receptive fields of convolutional neural networks": 195 and 212, strides 32.
  expect(field('alexnet', 'pool5')).toEqual({ size: 195, stride: 32 });
  expect(field('vgg-d', 'pool5')).toEqual({ size: 212, stride: 32 });
  const { layers } = describeModel(toy());
  // The pooling branch sees 3 + 2·2 pixels, the other 3; the full layer all three positions of g.
  expect(layers.find(({ name }) => name === 'm/join')!.receptiveField).toEqual({ size: 7, stride: 2 });
  expect(layers.find(({ name }) => name === 'scores')!.receptiveField.size).toBe(7 + 2 * 2 + 2 * 2);
});

it('estimates memory from what each layer holds', () => {
  const description = describeModel(toy());
  const memory = estimateMemory(description, 8 * 8 * 4, 2, {
    ...recipe,
    averaging: { kind: 'exponential', decay: 0.9 },
  });
  // Values an image: image 256, c 54, one 18, pool 54, join 72, g 72, bn 72, scores 5, aux 8 and 5; flat shares bn's.
  expect(memory).toMatchObject({
    weights: 4 * (913 + 45 + 16),
    gradients: 4 * (913 + 45),
    optimiser: 2 * 4 * (913 + 45),
    activationsKept: 2 * 4 * (256 + 54 + 18 + 54 + 72 + 72 + 72 + 5 + 8 + 5),
    activationsForward: 2 * 4 * (256 + 54),
  });
});

it('counts the tensors that an optimiser keeps, none for one that descends no gradient', () => {
  const description = describeModel(toy());
  const keptBy = (optimiser: Recipe['optimiser']) =>
    estimateMemory(description, 8 * 8 * 4, 2, { optimiser }).optimiser / (4 * (913 + 45));
  expect(keptBy({ kind: 'momentum', momentum: 0.9 })).toBe(1);
  expect(keptBy({ kind: 'diagonalLevenbergMarquardt', mu: 0.02, images: 8 })).toBe(1);
  expect(keptBy({ kind: 'winnerTakeAll', layers: [] })).toBe(0);
  expect(keptBy({ kind: 'lbfgs', weightDecays: [0], patience: 1 })).toBe(0);
});

it('states the prior of which a weight decay is the precision per image', () => {
  const prior = weightPrior({ ...recipe, multipliers: [] }, 60_000);
  // −log N(w; 0, σ²) has the slope w/σ²; the training loss is a mean over N images, and its slope λw.
  expect(1 / prior.deviation! ** 2 / 60_000).toBeCloseTo(0.0005, 12);
  expect(weightPrior({ ...recipe, weightDecay: 0 }, 60_000).deviation).toBeNull();
});

it('marks counts that differ from the paper’s', () => {
  const described = describeNetwork('toy', toyNetwork({}), {});
  expect(described.compared).toEqual([
    { what: 'parameters', ours: 913, paper: 913, same: true },
    { what: 'parameters of c', ours: 222, paper: 222, same: true },
    { what: 'parameters of g', ours: 296, paper: 300, same: false },
    ...described.compared.slice(3),
  ]);
  const text = describedText(described);
  expect(text).toMatch(/^parameters +913 += +913/m);
  expect(text).toMatch(/^parameters of g +296 +≠ +300/m);
  expect(text).not.toMatch(/^flat /m);
  expect(describedText(described, true)).toMatch(/^flat /m);
});

it('says row by row how two variants differ, and what that does to their size', () => {
  const from = describeNetwork('a', toyNetwork({}), {});
  const to = describeNetwork('b', toyNetwork({ stride: 1, normalised: false }, { weightDecay: 0.001 }), {});
  const diff = diffNetworks(from, to);
  const row = (name: string) => diff.layers.find(({ layer }) => layer.name === name)!;
  expect(row('c')).toMatchObject({ status: 'changed', parameters: 0, multiplyAdds: (36 - 9) * 216 });
  expect(row('c').changes).toEqual([
    { field: 'stride', from: 2, to: 1 },
    { field: 'output', from: '3×3×6', to: '6×6×6' },
  ]);
  expect(row('bn')).toMatchObject({ status: 'removed', parameters: -16, name: { from: 'bn', to: null } });
  expect(row('aux/mean').status).toBe('same');
  // The full layer now reads 6·6·8 values instead of 3·3·8.
  expect(diff.parameters).toEqual({ from: 913, to: 913 - 16 + (288 - 72) * 5 });
  expect(diff.recipe).toEqual([{ field: 'weightDecay', from: 0.0005, to: 0.001 }]);
  expect(diffText(diff)).toMatch(/^- +bn +−16 +0 /m);
  expect(diffNetworks(from, from).layers.every(({ status }) => status === 'same')).toBe(true);
});

it('builds without drawing weights, and draws again afterwards', () => {
  const build = () => {
    const model = toy();
    initialise(model, { kernel: { kind: 'uniformOverFanIn', scale: 1 }, bias: 0 }, 3);
    return tf.tidy(() => model.layers[1]!.getWeights()[0]!.abs().max().dataSync()[0]!);
  };
  expect(withoutDrawing(build)).toBe(0);
  expect(build()).toBeGreaterThan(0);
  expect(() => withoutDrawing(() => { throw new Error('broken'); })).toThrow('broken'); // prettier-ignore
  expect(build()).toBeGreaterThan(0);
});

it('describes every network in texts of 100 columns, the largest without memory for its weights', () => {
  const before = process.memoryUsage.rss();
  for (const name of networkNames) {
    const text = describedText(describeNetwork(name, zoo[name]), true);
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  }
  const rows = overview(zoo, []);
  expect(rows.map(({ name }) => name)).toEqual(networkNames);
  expect(
    overviewText(rows)
      .split('\n')
      .filter((line) => line.length > 100),
  ).toEqual([]);
  expect(process.memoryUsage.rss() - before).toBeLessThan(1e9); // vgg-e's weights alone would be 0.57 GB, each build anew
  expect(tf.memory().numTensors).toBeLessThan(1000);
});

it('the overview shows the best run on file of the published data set', () => {
  const run = (error: number, dataset: string) => ({ network: 'lenet5', dataset, error, top5Error: null });
  const runs = [run(0.02, 'mnist test'), run(0.01, 'mnist test'), run(0.001, 'digits test')];
  expect(overview({ lenet5: zoo.lenet5 }, runs)[0]!.ours).toEqual({
    ...{ error: 0.01, dataset: 'mnist test' },
    by: null,
  });
  // The mean of seeds stands before any single run, where the published error is the one that they repeat: 0.95 %.
  const experiment = { network: 'lenet5', dataset: 'mnist test', paper: 0.0095, mean: 0.012 };
  const others = [{ ...experiment, paper: 0.008, mean: 0.007 }];
  const oursWith = (experiments: typeof others) =>
    overview({ lenet5: zoo.lenet5 }, runs, experiments)[0]!.ours!.error;
  expect(oursWith([...others, experiment])).toBe(0.012);
  expect(oursWith(others)).toBe(0.01);
});

it('the overview says by what its figures were reached, and takes no run with options for the recipe’s own', () => {
  const run = (error: number, command: string) => ({
    network: 'lenet5',
    dataset: 'mnist test',
    error,
    command,
  });
  const runs = [
    run(0.0094, 'cnn-lineage train lenet5 --data mnist --out results/lenet5-mnist'),
    run(0.0091, 'cnn-lineage train lenet5 --data mnist --precision bfloat16 --out results/lenet5-bfloat16'),
  ];
  const experiments = [
    { experiment: 'lenet5', network: 'lenet5', dataset: 'mnist test', paper: 0.0095, mean: 0.0082 },
  ];
  const said = (...given: [typeof runs, typeof experiments]) => {
    const rows = overview({ lenet5: zoo.lenet5 }, ...given);
    return [networksTable(rows).split('\n').at(-1)!.split(' | ').at(-1), overviewText(rows)] as const;
  };
  const [cell, text] = said(runs, experiments);
  expect(cell).toBe('0.82 % by the experiment `lenet5`, 0.94 % by `npm run train` |');
  expect(text.replaceAll(/\s+/g, ' ')).toContain(
    'here 0.82 % by the experiment lenet5, 0.94 % by npm run train',
  );
  expect(said(runs.slice(0, 1), [])[0]).toBe('0.94 % by `npm run train` |');
  expect(said(runs.slice(1), experiments)[0]).toBe('0.82 % by the experiment `lenet5` |');
  expect(said(runs.slice(1), [])[0]).toMatch(
    /^0\.91 % by `cnn-lineage train lenet5 .* --precision bfloat16 /,
  );
});

it('the command prints all networks, differences and JSON, and refuses what makes no sense in one line', async () => {
  const [all, diff, none, both] = await Promise.all([
    command(['describe', '--all', '--json']),
    command(['describe', 'vgg-a', '--diff', 'vgg-b', '--json']),
    command(['describe']),
    command(['describe', 'lenet5', '--svg', '/no/such/folder/lenet5.svg']),
  ]);
  expect(
    (JSON.parse(all.stdout) as { networks: { name: string }[] }).networks.map(({ name }) => name),
  ).toEqual(networkNames);
  // Table 1 of the paper: B has two more convolutions, of 64 and 128 maps.
  const { parameters } = JSON.parse(diff.stdout) as { parameters: { from: number; to: number } };
  expect(parameters.to - parameters.from).toBe(3 * 3 * 64 * 64 + 64 + 3 * 3 * 128 * 128 + 128);
  expect(none).toMatchObject({ code: 2, stdout: '' });
  expect(none.stderr).toMatch(/expected the name of a network, or --all alone/);
  expect(both).toMatchObject({ code: 2, stdout: '' });
  expect(both.stderr).toMatch(/cannot write .*lenet5\.svg: its folder does not exist/);
});
