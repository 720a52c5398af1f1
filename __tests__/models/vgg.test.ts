import { family as vgg } from '../../models/vgg';
import { UserError } from '../../src/core/errors';
import { shareWeights } from '../../src/layers/fully-connected';
import { withoutDrawing } from '../../src/layers/initialise/initialise';
import { describeModel } from '../../src/describe/describe-model';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { recipeSchema } from '../../src/core/recipe/schema';
import { copyLayers } from '../../src/weights/named-array';
import { arraysOf } from '../../src/weights/named-array';
import { randomTensor } from '../support/fixtures';

type Name = keyof typeof vgg;

beforeAll(async () => void (await useBackend()));

/** Table 1 as it is printed, a column a network: kernel side and maps, block by block. */
const table1: Record<Name, string> = {
  'vgg-a': '3-64 | 3-128 | 3-256 3-256 | 3-512 3-512 | 3-512 3-512',
  'vgg-a-lrn': '3-64 LRN | 3-128 | 3-256 3-256 | 3-512 3-512 | 3-512 3-512',
  'vgg-b': '3-64 3-64 | 3-128 3-128 | 3-256 3-256 | 3-512 3-512 | 3-512 3-512',
  'vgg-c': '3-64 3-64 | 3-128 3-128 | 3-256 3-256 1-256 | 3-512 3-512 1-512 | 3-512 3-512 1-512',
  'vgg-d': '3-64 3-64 | 3-128 3-128 | 3-256 3-256 3-256 | 3-512 3-512 3-512 | 3-512 3-512 3-512',
  'vgg-e':
    '3-64 3-64 | 3-128 3-128 | 3-256 3-256 3-256 3-256 | 3-512 3-512 3-512 3-512 | 3-512 3-512 3-512 3-512',
};
const totals: Record<Name, [parameters: number, multiplyAdds: number]> = {
  'vgg-a': [132_863_336, 7_609_090_048],
  'vgg-a-lrn': [132_863_336, 7_609_090_048],
  'vgg-b': [133_047_848, 11_308_466_176],
  'vgg-c': [133_638_952, 11_770_888_192],
  'vgg-d': [138_357_544, 15_470_264_320],
  'vgg-e': [143_667_240, 19_632_062_464],
};

/** What the printed column asks of each layer on images of 224×224: name, output, parameters, multiply-adds. */
function expectedLayers(name: Name) {
  let maps = 3;
  let side = 224;
  const rows = table1[name].split(' | ').flatMap((block, index) => {
    const layers = block.split(' ').map((entry, place) => {
      if (entry === 'LRN') return [`norm${index + 1}`, [side, side, maps], 0, 0];
      const [kernel, outputs] = entry.split('-').map(Number) as [number, number];
      const weights = kernel * kernel * maps * outputs;
      maps = outputs;
      return [`conv${index + 1}_${place + 1}`, [side, side, maps], weights + outputs, side * side * weights];
    });
    side /= 2;
    return [...layers, [`pool${index + 1}`, [side, side, maps], 0, 0]];
  });
  const full = (layer: string, inputs: number, units: number) =>
    [layer, [units], inputs * units + units, inputs * units] as const;
  return [
    ...rows,
    full('fc6', 7 * 7 * 512, 4096),
    ['drop6', [4096], 0, 0],
    full('fc7', 4096, 4096),
    ['drop7', [4096], 0, 0],
    full('fc8', 4096, 1000),
  ];
}

describe.each(Object.keys(vgg) as Name[])('%s', (name) => {
  const network = vgg[name];

  it('is the column of the paper’s Table 1, layer by layer', () => {
    const model = withoutDrawing(() => network.build({ classes: 1000, seed: 1 }));
    const description = describeModel(model);
    const layers = description.layers.filter((layer) => layer.name !== 'fc6/flat');
    expect(
      layers.map((layer) => [layer.name, layer.outputShape, layer.parameters, layer.multiplyAdds]),
    ).toEqual(expectedLayers(name));
    expect([description.parameters, description.multiplyAdds]).toEqual(totals[name]);
    const { exact, quoted, layers: published } = network.paper.parameters;
    expect(exact).toBe(totals[name][0]);
    expect(`${Math.round(exact / 1e6)} million`).toBe(quoted);
    const counted = layers.filter(({ parameters }) => parameters > 0);
    expect(Object.fromEntries(counted.map((layer) => [layer.name, layer.parameters]))).toEqual(published);
    model.dispose();
  });

  it('takes any input from 32×32 on, and says so of a smaller one', () => {
    const build = (height: number, width: number) =>
      withoutDrawing(() => network.build({ classes: 10, seed: 1, input: [height, width, 1] }));
    const model = build(32, 70);
    expect(model.getLayer('pool5').outputShape).toEqual([null, 1, 2, 512]);
    expect(model.outputShape).toEqual([null, 10]);
    model.dispose();
    expect(() => build(40, 31)).toThrow(UserError);
    expect(() => build(40, 31)).toThrow(`${name}: expected an input of at least 32×32, found 40×31`);
  });

  it('holds a recipe and a paper that equal their own JSON', () => {
    const { recipe, paper } = network;
    expect(JSON.parse(JSON.stringify(recipe))).toEqual(recipe);
    expect(JSON.parse(JSON.stringify(paper))).toEqual(paper);
    expect(recipeSchema.parse(recipe)).toEqual(recipe);
  });
});

it('starts with weights of variance 0.01, and biases of 0', () => {
  const model = vgg['vgg-a'].build({ classes: 10, seed: 3, input: [32, 32, 3] });
  for (const layer of model.layers.filter(({ weights }) => weights.length > 0)) {
    const [kernel, bias] = layer.getWeights();
    const [mean, variance] = tf.tidy(() => {
      const moments = tf.moments(kernel!);
      return [moments.mean.dataSync()[0]!, moments.variance.dataSync()[0]!];
    });
    expect(Math.abs(mean)).toBeLessThan((5 * 0.1) / Math.sqrt(kernel!.size)); // five deviations of the mean
    expect(Math.abs(variance / 0.01 - 1)).toBeLessThan(5 * Math.sqrt(2 / kernel!.size)); // and of the variance
    expect(new Set(bias!.dataSync())).toEqual(new Set([0]));
  }
  model.dispose();
});

it('gives the same scores in its convolutional form, and on larger inputs those of each window of its maps', async () => {
  const before = tf.memory().numTensors;
  const network = vgg['vgg-a'];
  const dense = network.build({ classes: 10, seed: 3 });
  const [same, wide] = [224, 256].map((width) =>
    withoutDrawing(() =>
      network.build({ classes: 10, seed: 3, input: [224, width, 3], convolutional: true }),
    ),
  ) as [tf.LayersModel, tf.LayersModel];
  shareWeights(dense, same);
  shareWeights(dense, wide);
  const [ofDense, ofSame, ofWide, ofWindows] = tf.tidy<tf.Tensor[]>(() => {
    const image = randomTensor([1, 224, 256, 3], 5).mul<tf.Tensor4D>(128);
    const crop = image.slice([0, 0, 0, 0], [1, 224, 224, 3]);
    const outputs = ['pool5', 'fc8'].map((name) => wide.getLayer(name).output as tf.SymbolicTensor);
    const [maps, scores] = tf.model({ inputs: wide.inputs, outputs }).predict(image) as tf.Tensor4D[];
    expect(maps!.shape).toEqual([1, 7, 8, 512]);
    const ofWindow = (column: number) =>
      ['fc6', 'fc7', 'fc8'].reduce<tf.Tensor>(
        (below, name) => dense.getLayer(name).apply(below) as tf.Tensor,
        maps!.slice([0, 0, column, 0], [1, 7, 7, 512]).reshape([1, 7 * 7 * 512]),
      );
    const windows = tf.concat([ofWindow(0), ofWindow(1)]);
    return [dense.predict(crop), same.predict(crop), scores!, windows].map((found) =>
      (found as tf.Tensor).clone(),
    );
  });
  expect(ofSame!.shape).toEqual([1, 1, 1, 10]);
  expect(ofWide!.shape).toEqual([1, 1, 2, 10]);
  expect(await relativeDifference(ofSame!, ofDense!)).toBeLessThan(1e-4);
  expect(await relativeDifference(ofWide!, ofWindows!)).toBeLessThan(1e-4);
  tf.dispose([ofDense, ofSame, ofWide, ofWindows]);
  for (const model of [dense, same, wide]) model.dispose();
  expect(tf.memory().numTensors).toBe(before);
  expect(() => network.build({ classes: 10, seed: 3, input: [223, 256, 3], convolutional: true })).toThrow(
    'vgg-a: expected an input of at least 224×224 for the convolutional form, found 223×256',
  );
});

async function relativeDifference(a: tf.Tensor, b: tf.Tensor): Promise<number> {
  const [found, expected] = [await a.data<'float32'>(), await b.data<'float32'>()];
  const largest = expected.reduce((high, value) => Math.max(high, Math.abs(value)), 0);
  return found.reduce((high, value, at) => Math.max(high, Math.abs(value - expected[at]!)), 0) / largest;
}

describe('the start from column A', () => {
  const input = [32, 32, 3] as const;

  it.each(['vgg-b', 'vgg-c', 'vgg-d', 'vgg-e'] as const)(
    'gives %s seven layers and leaves the rest',
    async (name) => {
      const { network, layers } = vgg[name].recipe.startFrom!;
      expect(network).toBe('vgg-a');
      expect(layers).toHaveLength(4 + 3); // §3.1: four convolutional layers, three fully connected ones
      const trained = vgg['vgg-a'].build({ classes: 10, seed: 1, input });
      const fresh = vgg[name].build({ classes: 10, seed: 2, input });
      const before = new Map((await arraysOf(fresh.weights)).map((array) => [array.name, array.values]));
      const given = await arraysOf(trained.weights);
      copyLayers(fresh, given, layers, 'a run');
      for (const { name: weight, values } of await arraysOf(fresh.weights)) {
        const taken = layers.includes(weight.split('/')[0]!);
        const expected = taken ? given.find((array) => array.name === weight)!.values : before.get(weight)!;
        expect(Buffer.compare(Buffer.from(values.buffer), Buffer.from(expected.buffer))).toBe(0);
      }
      trained.dispose();
      fresh.dispose();
    },
  );

  it('refuses weights of another shape and layers that are not there, and then changes nothing', async () => {
    const trained = vgg['vgg-a'].build({ classes: 7, seed: 1, input });
    const fresh = vgg['vgg-b'].build({ classes: 10, seed: 2, input });
    const given = await arraysOf(trained.weights);
    const first = () => [...tf.tidy(() => fresh.getLayer('conv1_1').getWeights()[0]!.flatten().dataSync())];
    const before = first();
    const copy = (layers: string[]) => () => copyLayers(fresh, given, layers, 'a run');
    expect(copy(['conv1_1', 'fc8'])).toThrow('a run: expected fc8/kernel [4096, 10], found [4096, 7]');
    expect(copy(['conv1_1', 'conv1_2'])).toThrow(/a run: expected a tensor conv1_2\/kernel .* found none/);
    expect(copy(['conv1_1', 'conv9'])).toThrow(
      'vgg-b: expected a layer conv9 to start from a run, found none',
    );
    expect(first()).toEqual(before);
    trained.dispose();
    fresh.dispose();
  });
});
