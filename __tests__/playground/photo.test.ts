/** The taking apart of networks of photos: class activation, modules and branches, auxiliary heads, chosen files. */
import { zoo, type NetworkName } from '../../models/registry';
import { filesOfModel, isFrozenGraph } from '../../playground/model/chosen-files';
import { averagingHeadOf, classActivation, headWeights } from '../../src/describe/inspect/class-activation';
import { auxiliaryHeads, headAnswers } from '../../playground/photo/heads';
import { sectionsOf } from '../../src/describe/layers/sections';
import { tf } from '../../src/core/tf';
import { layerGraph } from '../../src/describe/layers/layer-graph';
import { shapesOf } from '../../src/describe/describe-network';
import { activationsOf } from '../../src/describe/units/activations';
import { mainPathOf } from '../../src/layers/layer-walk';
import { useBackend } from '../../src/runtime/backend';
import { fillWeights, randomTensor } from '../support/fixtures';

beforeAll(async () => {
  await useBackend('wasm');
});

/** Uses the main path of a network without weights of its own. */
function shapesWith<R>(name: NetworkName, use: (graph: ReturnType<typeof layerGraph>) => R): R {
  const model = shapesOf(name, zoo[name]);
  const found = use(layerGraph(mainPathOf(model)));
  model.dispose();
  return found;
}

/** A small network whose head averages, with a random image. */
function averagingNetwork() {
  const image = tf.input({ shape: [9, 7, 3], name: 'image' });
  const maps = tf.layers.conv2d({ name: 'maps', filters: 5, kernelSize: 3, activation: 'relu' }).apply(image);
  const averages = tf.layers.globalAveragePooling2d({ name: 'averages' }).apply(maps);
  const scores = tf.layers
    .dense({ name: 'scores', units: 4, biasInitializer: tf.initializers.constant({ value: 0.25 }) })
    .apply(averages);
  const model = tf.model({ inputs: image, outputs: scores as tf.SymbolicTensor });
  fillWeights(model);
  return { model, image: randomTensor([9, 7, 3], 3).dataSync<'float32'>() };
}

test('a class activation map is the head applied at each position, and its mean and bias are the score', async () => {
  const { model, image } = averagingNetwork();
  const head = averagingHeadOf(layerGraph(model))!;
  expect(head.features.name).toBe('maps');
  const outputs = await activationsOf(model).of(image);
  const maps = outputs.get('maps')!;
  // The other way: the dense layer as a 1×1 convolution over the maps, which TensorFlow computes.
  const [kernel, bias] = model.getLayer('scores').getWeights() as [tf.Tensor2D, tf.Tensor1D];
  const everywhere = tf.conv2d(
    tf.tensor3d(maps.values, [7, 5, 5]),
    kernel.reshape<tf.Tensor4D>([1, 1, 5, 4]),
    1,
    'valid',
  );
  const expected = await everywhere.array();
  const scores = outputs.get('scores')!.values;
  for (let wanted = 0; wanted < 4; wanted++) {
    const cam = classActivation(maps, await headWeights(head), wanted);
    expect([cam.height, cam.width, cam.bias]).toEqual([7, 5, bias.dataSync()[wanted]]);
    expected.flat().forEach((classes, place) => expect(cam.values[place]).toBeCloseTo(classes[wanted]!, 5));
    expect(cam.mean + cam.bias).toBeCloseTo(scores[wanted]!, 5);
  }
});

test('in Network in Network the last maps are the class activation maps themselves', async () => {
  const model = zoo['nin-mnist'].build({ classes: 10, seed: 1 });
  fillWeights(model);
  const graph = layerGraph(model);
  const head = averagingHeadOf(graph)!;
  expect([head.features.name, head.weighing]).toEqual(['cccp6', null]);
  const outputs = await activationsOf(model).of(randomTensor([28, 28, 1], 5).dataSync<'float32'>());
  const scores = outputs.get(graph.at(-1)!.name)!.values;
  const weights = await headWeights(head);
  scores.forEach((score, wanted) => {
    const cam = classActivation(outputs.get('cccp6')!, weights, wanted);
    expect(cam.bias).toBe(0);
    expect(cam.mean).toBeCloseTo(score, 5);
  });
  model.dispose();
});

test('class activation maps are offered where the head averages, and nowhere else', () => {
  const featuresOf = (name: NetworkName) =>
    shapesWith(name, (graph) => averagingHeadOf(graph)?.features.name ?? null);
  expect(featuresOf('googlenet')).toBe('inception_5b/output');
  expect(featuresOf('googlenet-torchvision')).toBe('inception_5b/output');
  expect(featuresOf('nin-imagenet')).toBe('cccp8-1024');
  for (const name of ['alexnet', 'alexnet-torchvision', 'vgg-a', 'lenet5', 'lenet-caffe'] as const)
    expect(featuresOf(name)).toBeNull();
});

const modules = ['3a', '3b', '4a', '4b', '4c', '4d', '4e', '5a', '5b'].map((name) => `inception_${name}`);

test('GoogLeNet is its stem, nine modules of four branches, and the poolings between', () => {
  const sections = shapesWith('googlenet', sectionsOf);
  expect(sections.filter(({ kind }) => kind === 'module').map(({ name }) => name)).toEqual(modules);
  expect(sections.filter(({ kind }) => kind === 'layer').map(({ name }) => name)).toEqual(
    'conv1 pool1 norm1 conv2_reduce conv2 norm2 pool2 pool3 pool4'.split(' '),
  );
  for (const section of sections) {
    if (section.kind !== 'module') continue;
    const branches = section.branches.map((branch) => branch.map(({ name }) => name.split('/')[1]));
    expect(branches).toEqual([
      ['one'],
      ['threeReduce', 'three'],
      ['fiveReduce', 'five'],
      ['pool', 'project'],
    ]);
  }
});

test('a convolution with its normalisation and rectification is shown once, as it leaves them', () => {
  const sections = shapesWith('googlenet-torchvision', sectionsOf);
  const [first] = sections.flatMap((section) => (section.kind === 'module' ? [section] : []));
  expect(
    first!.branches.map((branch) => branch.map(({ name }) => name.replace('inception_3a/', ''))),
  ).toEqual([
    ['one/relu'],
    ['threeReduce/relu', 'three/relu'],
    ['fiveReduce/relu', 'five/relu'],
    ['pool', 'project/relu'],
  ]);
  const names = shapesWith('lenet5', sectionsOf).map(({ name }) => name);
  expect(names).toEqual(['C1/tanh', 'S2/tanh', 'C3/tanh', 'S4/tanh', 'C5/tanh']);
});

test('of auxiliary heads only those answer whose weights were all loaded', async () => {
  const network = zoo.googlenet;
  const model = network.build({ classes: 3, input: [80, 80, 3], seed: 2 });
  fillWeights(model);
  const notLoaded = ['loss2/fc/bias'];
  const recipe = { ...network.recipe, input: { ...network.recipe.input, shape: [80, 80, 3] as const } };
  expect(auxiliaryHeads({ model, notLoaded })).toEqual([
    { name: 'loss1/classifier', reads: 'inception_4a/output', loaded: true },
    { name: 'loss2/classifier', reads: 'inception_4d/output', loaded: false },
  ]);
  expect(auxiliaryHeads({ model, notLoaded: [] }).map(({ loaded }) => loaded)).toEqual([true, true]);
  const image = randomTensor([80, 80, 3], 4);
  const before = tf.memory().numTensors;
  const answers = await headAnswers({ model, notLoaded, recipe }, image.dataSync<'float32'>());
  expect(tf.memory().numTensors).toBe(before);
  expect([...answers.keys()]).toEqual(['loss1/classifier']);
  const [, scores] = model.predict(image.expandDims(0)) as tf.Tensor[];
  const expected = await scores!.softmax().data();
  expect([...answers.get('loss1/classifier')!].map((share) => share.toFixed(5))).toEqual(
    [...expected].map((share) => share.toFixed(5)),
  );
  model.dispose();
});

test('of a folder of folders the uppermost model is taken, and an export is told apart', () => {
  const file = (path: string) => ({ name: path.split('/').at(-1)!, webkitRelativePath: path });
  const files = ['runs/b/deep/network.json', 'runs/a/weights.safetensors', 'runs/a/network.json'].map(file);
  expect(filesOfModel(files).map(({ webkitRelativePath }) => webkitRelativePath)).toEqual([
    'runs/a/weights.safetensors',
    'runs/a/network.json',
  ]);
  const single = [{ name: 'googlenet.safetensors', webkitRelativePath: '' }];
  expect(filesOfModel(single)).toEqual(single);
  expect(isFrozenGraph(['page/model.json', 'page/group1-shard1of1.bin'].map(file))).toBe(true);
  expect(isFrozenGraph(files)).toBe(false);
});
