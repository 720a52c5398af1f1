import { networkNames, zoo, type NetworkName } from '../../models/registry';
import { batchesInOrder, type Batch } from '../../src/data/loader/batches';
import { datasetInMemory, type Dataset } from '../../src/data/dataset';
import { withoutDrawing } from '../../src/layers/initialise/initialise';
import { prepareDropout } from '../../src/layers/seeded-dropout';
import type { ImageShape, Network, Recipe } from '../../src/core/network';
import { seededRandom } from '../../src/core/random';
import { describeModel } from '../../src/describe/describe-model';
import { useBackend, type BackendName } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { fillWeights } from '../support/fixtures';
import { recipeSchema } from '../../src/core/recipe/schema';
import { totalLoss } from '../../src/train/loss';
import { train } from '../../src/train/train';

interface Published {
  /** Null where nothing is published. */
  readonly parameters: number | null;
  readonly multiplyAdds: number | null;
  /** With the auxiliary heads. */
  readonly withHeads?: number;
  readonly connections?: number;
  readonly classes: number;
}

/** Counts from the papers and their authors' own descriptions, summed by hand from their layer tables. */
const published: Record<NetworkName, Published> = {
  neocognitron: { parameters: 29_472, multiplyAdds: 1_214_496, classes: 10 },
  lecun1989: { parameters: 9_760, multiplyAdds: 63_660, connections: 64_660, classes: 10 },
  lenet1: { parameters: 2_578, multiplyAdds: 92_288, connections: 98_442, classes: 10 },
  lenet5: { parameters: 60_000, multiplyAdds: 328_096, connections: 340_908, classes: 10 },
  'lenet5-modern': { parameters: 61_706, multiplyAdds: 416_520, classes: 10 },
  'lenet-caffe': { parameters: 431_080, multiplyAdds: 2_293_000, classes: 10 },
  'lenet-bouvrie': { parameters: null, multiplyAdds: null, classes: 10 },
  alexnet: { parameters: 60_965_224, multiplyAdds: 724_406_816, classes: 1000 },
  'alexnet-ungrouped': { parameters: 62_378_344, multiplyAdds: 1_135_256_096, classes: 1000 },
  'alexnet-bvlc': { parameters: 60_965_224, multiplyAdds: 724_406_816, classes: 1000 },
  caffenet: { parameters: 60_965_224, multiplyAdds: 724_406_816, classes: 1000 },
  'alexnet-torchvision': { parameters: 61_100_840, multiplyAdds: 714_188_480, classes: 1000 },
  'vgg-a': { parameters: 132_863_336, multiplyAdds: 7_609_090_048, classes: 1000 },
  'vgg-a-lrn': { parameters: 132_863_336, multiplyAdds: 7_609_090_048, classes: 1000 },
  'vgg-b': { parameters: 133_047_848, multiplyAdds: 11_308_466_176, classes: 1000 },
  'vgg-c': { parameters: 133_638_952, multiplyAdds: 11_770_888_192, classes: 1000 },
  'vgg-d': { parameters: 138_357_544, multiplyAdds: 15_470_264_320, classes: 1000 },
  'vgg-e': { parameters: 143_667_240, multiplyAdds: 19_632_062_464, classes: 1000 },
  'nin-imagenet': { parameters: 7_595_176, multiplyAdds: 1_100_188_800, classes: 1000 },
  'nin-cifar10': { parameters: 966_986, multiplyAdds: 222_486_528, classes: 10 },
  'nin-cifar10-caffe': { parameters: 966_986, multiplyAdds: 222_486_528, classes: 10 },
  'nin-cifar100': { parameters: 984_356, multiplyAdds: 223_592_448, classes: 100 },
  'nin-mnist': { parameters: 349_674, multiplyAdds: 50_699_712, classes: 10 },
  'nin-svhn': { parameters: 1_986_026, multiplyAdds: 274_235_392, classes: 10 },
  googlenet: { parameters: 6_998_552, multiplyAdds: 1_582_671_872, withHeads: 13_378_280, classes: 1000 },
  'googlenet-torchvision': {
    parameters: 6_624_904,
    multiplyAdds: 1_498_376_192,
    withHeads: 13_004_888,
    classes: 1000,
  },
};

it('the registry holds exactly the published networks', () => {
  expect([...networkNames].sort()).toEqual(Object.keys(published).sort());
});

describe.each(networkNames)('%s', (name) => {
  const network: Network = zoo[name];
  const { paper, recipe } = network;
  const { classes, parameters, multiplyAdds, withHeads, connections } = published[name];
  let model: tf.LayersModel;
  let tensorsBefore: number;

  beforeAll(async () => {
    await useBackend();
    tensorsBefore = tf.memory().numTensors;
    model = withoutDrawing(() => network.build({ classes, seed: 1 }));
  });
  afterAll(() => {
    model.dispose();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  it('has the published parameters, multiply-adds and connections', () => {
    const counted = describeModel(model);
    if (parameters !== null) expect(counted.parameters).toBe(parameters);
    if (multiplyAdds !== null) expect(counted.multiplyAdds).toBe(multiplyAdds);
    if (connections !== undefined) expect(counted.connections).toBe(connections);
    expect(counted.parameters + counted.auxiliaryParameters).toBe(withHeads ?? counted.parameters);
    expect(paper.parameters.exact).toBe(counted.parameters);
    for (const [layer, count] of Object.entries(paper.parameters.layers)) {
      expect({ layer, count: counted.layers.find((row) => row.name === layer)?.parameters }).toEqual({
        layer,
        count,
      });
    }
  });

  it('scores classes for images of the paper’s size', () => {
    expect(model.inputs.map(({ shape }) => shape)).toEqual([[null, ...recipe.input.shape]]);
    expect(model.outputs.map(({ shape }) => shape)).toEqual(model.outputs.map(() => [null, classes]));
  });

  it('names only layers that it has', () => {
    const layers = model.layers.map((layer) => layer.name);
    const multiplied = (recipe.multipliers ?? []).flatMap((rule) =>
      rule.layers === 'all' ? [] : rule.layers,
    );
    const named = [...network.head, ...multiplied, ...Object.keys(recipe.initialiser.layers ?? {})];
    expect(network.head.length).toBeGreaterThan(0);
    expect(named.filter((layer) => !layers.includes(layer))).toEqual([]);
    expect(Object.keys(recipe.auxiliary ?? {}).sort()).toEqual(model.outputNames.slice(1).sort());
    expect(recipe.startFrom === undefined || recipe.startFrom.network in zoo).toBe(true);
  });

  it('has numbers for each class in its head alone: in the last axis, of codes in the first', () => {
    const other = withoutDrawing(() => network.build({ classes: classes - 1, seed: 1 }));
    const axes = model.layers.flatMap((layer, at) =>
      layer.weights.flatMap(({ shape }, index) => {
        const fewer = other.layers[at]!.weights[index]!.shape;
        const axis = shape.findIndex((side, place) => side !== fewer[place]);
        return axis < 0 ? [] : [{ layer: layer.name, last: axis === shape.length - 1 }];
      }),
    );
    other.dispose();
    expect([...new Set(axes.map(({ layer }) => layer))].sort()).toEqual([...network.head].sort());
    for (const { layer, last } of axes)
      expect({ layer, last }).toEqual({ layer, last: model.getLayer(layer).getClassName() !== 'Rbf' });
  });

  it('has a recipe and a paper that equal their own JSON, the recipe of the form that commands accept', () => {
    expect(JSON.parse(JSON.stringify(recipe))).toEqual(recipe);
    expect(JSON.parse(JSON.stringify(paper))).toEqual(paper);
    expect(recipeSchema.parse(recipe)).toEqual(recipe);
  });
});

/**
 * The smallest input that an architecture allows, or nearly, where the paper's is too large for a test; and a rate at
 * which eight images are learned in a few updates.
 */
const miniatures: Partial<Record<NetworkName, { input?: ImageShape; rate: number }>> = {
  lenet5: { rate: 0.0005 },
  alexnet: { input: [67, 67, 3], rate: 0.0001 },
  'alexnet-ungrouped': { input: [67, 67, 3], rate: 0.0001 },
  'alexnet-bvlc': { input: [67, 67, 3], rate: 0.0001 },
  caffenet: { input: [67, 67, 3], rate: 0.0001 },
  'alexnet-torchvision': { input: [63, 63, 3], rate: 0.0001 },
  'vgg-a': { input: [32, 32, 3], rate: 0.0001 },
  'vgg-a-lrn': { input: [32, 32, 3], rate: 0.0001 },
  'vgg-b': { input: [32, 32, 3], rate: 0.0001 },
  'vgg-c': { input: [32, 32, 3], rate: 0.0001 },
  'vgg-d': { input: [32, 32, 3], rate: 0.0001 },
  'vgg-e': { input: [32, 32, 3], rate: 0.0001 },
  'nin-imagenet': { input: [67, 67, 3], rate: 0.001 },
  'nin-cifar10': { input: [16, 16, 3], rate: 0.001 },
  'nin-cifar10-caffe': { input: [16, 16, 3], rate: 0.001 },
  'nin-cifar100': { input: [16, 16, 3], rate: 0.001 },
  'nin-svhn': { input: [16, 16, 3], rate: 0.001 },
  'nin-mnist': { input: [14, 14, 1], rate: 0.001 },
  googlenet: { input: [96, 96, 3], rate: 0.001 },
  'googlenet-torchvision': { input: [96, 96, 3], rate: 0.001 },
};

describe.each(networkNames.filter((name) => zoo[name].recipe.optimiser.kind === 'momentum'))(
  'a miniature of %s learns eight images through the real loop',
  (name) => {
    const network: Network = zoo[name];
    const { input = network.recipe.input.shape, rate } = miniatures[name] ?? { rate: 0.001 };

    it.each<[string, BackendName | undefined]>([
      ['the best backend', undefined],
      ['wasm', 'wasm'],
    ])('on %s', async (_, backend) => {
      await useBackend(backend);
      const data = eightImages(input);
      const recipe = quickRecipe(network.recipe, input, rate, backend === 'wasm' ? 2 : 4);
      const model = withoutDrawing(() => network.build({ classes: 3, input, seed: 1 }));
      fillWeights(model);
      const { value: batch } = (await batchesInOrder(data, recipe, 8).next()) as { value: Batch };
      const first = lossOf(model, recipe, batch);
      const before = tf.memory().numTensors;
      for await (const { loss } of train({ model, recipe, data, seed: 1 })) expect(loss).toBeGreaterThan(0);
      expect(tf.memory().numTensors).toBe(before);
      expect(lossOf(model, recipe, batch)).toBeLessThan(first);
      model.dispose();
    });
  },
);

/** The training loss of all eight images, with the same masks of dropout each time. */
function lossOf(model: tf.LayersModel, recipe: Recipe, { images, shape, labels }: Batch): number {
  return tf.tidy(() => {
    prepareDropout(model, 1, 0);
    const input = tf.tensor4d(images, [labels.length, ...shape]);
    return totalLoss(model, recipe, input, tf.tensor1d(labels, 'int32')).dataSync()[0]!;
  });
}

function quickRecipe(recipe: Recipe, shape: ImageShape, rate: number, epochs: number): Recipe {
  const { averaging: _averaging, startFrom: _startFrom, multipliers: _multipliers, ...rest } = recipe;
  return {
    ...rest,
    input: { shape, preprocess: [{ kind: 'range', black: -1, white: 1 }] },
    epochs,
    batchSize: 8,
    schedule: { kind: 'constant', rate },
    augment: [],
  };
}

/** Of three classes, each with a brightness of its own under noise. */
function eightImages(shape: ImageShape): Dataset {
  const random = seededRandom(1);
  const size = shape[0] * shape[1] * shape[2];
  const labels = Int32Array.from({ length: 8 }, (_, image) => image % 3);
  const pixels = Uint8Array.from(
    { length: 8 * size },
    (_, at) => 60 * labels[Math.floor(at / size)]! + random.integer(100),
  );
  return datasetInMemory({
    name: 'eight images',
    synthetic: true,
    classes: ['dark', 'grey', 'light'],
    shape,
    labels,
    pixels,
  });
}
