import { zoo, type NetworkName } from '../../models/registry';
import { datasetInMemory, type Dataset } from '../../src/data/dataset';
import { UserError } from '../../src/core/errors';
import type { Network } from '../../src/core/network';
import { useBackend } from '../../src/runtime/backend';
import { checkTraining, namingOptions } from '../../src/train/check-recipe';
import { overridden, pathsSet } from '../../src/core/recipe/overrides';

const images = (side: number, channels: 1 | 3, classes = 10): Dataset => ({
  ...datasetInMemory({
    name: 'toy',
    synthetic: true,
    classes: Array.from({ length: classes }, (_, index) => String(index)),
    shape: [side, side, channels],
    labels: Int32Array.from({ length: 40 }, (_, index) => index % classes),
    pixels: new Uint8Array(),
  }),
});

/** Checks what `train NAME --set …` would. */
function check(
  name: NetworkName,
  set: readonly string[],
  data: Dataset,
  startsFrom: string | null = null,
): void {
  const network: Network = zoo[name];
  const recipe = overridden(network.recipe, set);
  checkTraining(name, network, recipe, { data, set: pathsSet(set), startsFrom });
}

const grey = images(28, 1);
const coloured = images(32, 3);
const trained = 'loss={"kind":"rbfPenalty","rival":1,"codes":"trained"}';
const levenberg = 'optimiser={"kind":"diagonalLevenbergMarquardt","mu":0.1,"images":10}';
const average = 'averaging={"kind":"exponential","decay":0.9}';
const weighted = `loss={"kind":"softmaxCrossEntropy","classWeights":${JSON.stringify(new Array(10).fill(1))}}`;
const factor = (layers: string, rate = 1, weights = 'all') =>
  `multipliers=[{"layers":${layers},"weights":"${weights}","rate":${rate},"decay":0}]`;

beforeAll(async () => void (await useBackend('cpu')));

const refused: readonly (readonly [NetworkName, readonly string[], RegExp, Dataset?])[] = [
  // losses and scores
  [
    'lenet5',
    ['loss={"kind":"softmaxCrossEntropy"}'],
    /loss.kind: expected rbfPenalty for lenet5.*found softmaxCrossEntropy/,
  ],
  [
    'lenet5',
    ['loss={"kind":"squaredError","on":1,"off":0}'],
    /loss.kind: expected rbfPenalty.*found squaredError/,
  ],
  [
    'lenet5-modern',
    ['loss={"kind":"rbfPenalty","rival":1}'],
    /loss.kind: expected softmaxCrossEntropy or squaredError.*found rbfPenalty/,
  ],
  [
    'lenet5',
    ['loss.labelSmoothing=0.1'],
    /unknown field loss.labelSmoothing; its parent has kind, rival, codes/,
  ],
  ['lenet5-modern', ['loss.labelSmoothing=0'], /loss.labelSmoothing: too small: expected a share above 0/],
  ['lenet5-modern', ['loss.labelSmoothing=1'], /loss.labelSmoothing: too big/],
  ['lenet1', [trained], /loss.kind: expected softmaxCrossEntropy or squaredError/],
  ['lenet1', ['loss.codes=trained'], /unknown field loss.codes; its parent has kind, on, off/],
  ['lenet1', ['loss.on=-1'], /a target "on" above "off".*found -1 and -1/],
  ['lenet5', [trained, average], /fixed codes with averaging/],
  ['lenet5-modern', ['loss.classWeights=[1,2]'], /classWeights: expected 10, one for each class, found 2/],
  ['lenet5-modern', ['loss.classWeights=[1,1,1,1,1,1,1,1,1,0]'], /loss.classWeights.9: too small/],
  ['lenet5-modern', ['loss.classWeights=[1,1,1,1,1,1,1,1,1,-2]'], /loss.classWeights.9: too small/],
  ['lenet5-modern', [levenberg, weighted], /no class weights with second derivatives/],
  // rules
  [
    'lenet5',
    ['optimiser={"kind":"winnerTakeAll","layers":[]}'],
    /winnerTakeAll: expected a layer that counts votes/,
  ],
  [
    'neocognitron',
    ['optimiser={"kind":"momentum","momentum":0.9}'],
    /optimiser.kind: expected winnerTakeAll for neocognitron/,
  ],
  [
    'neocognitron',
    ['clipNorm=1'],
    /clipNorm: expected none for winnerTakeAll, which has no gradients, found 1/,
  ],
  ['neocognitron', ['accumulate=2'], /accumulate: expected none for winnerTakeAll.* found 2/],
  ['lenet5', ['clipNorm=0'], /clipNorm: too small/],
  ['lenet5', ['accumulate=1'], /accumulate: too small: expected at least 2 batches/],
  ['lenet5', ['accumulate=1.5'], /accumulate: /],
  [
    'lenet5',
    ['batchSize=1000', 'accumulate=2'],
    /accumulate: expected batches smaller than the \d+ images of toy, of which several make an update, found 2 of 1000/,
  ],
  [
    'lenet5',
    ['epochs=3', 'warmUp={"epochs":3,"from":0}'],
    /warmUp.epochs: expected fewer than the 3 epochs of the training, found 3/,
  ],
  ['lenet5', ['warmUp={"epochs":0,"from":0}'], /warmUp.epochs: too small: expected a time above 0/],
  ['lenet5', ['warmUp={"epochs":1,"from":1}'], /warmUp.from: too big/],
  ['lenet5', ['optimiser={"kind":"adamw","beta1":0.9,"beta2":1,"epsilon":1e-8}'], /optimiser.beta2: too big/],
  ['neocognitron', ['loss.on=2'], /loss: expected none to be set for winnerTakeAll/],
  ['neocognitron', [average], /winnerTakeAll: expected a recipe without .*averaging/],
  ['neocognitron', ['weightDecay=0.1'], /winnerTakeAll: expected a recipe without weightDecay/],
  ['neocognitron', [factor('"all"')], /winnerTakeAll: expected a recipe without .*multipliers/],
  ['neocognitron', ['auxiliary.x=1'], /unknown field auxiliary.x/],
  ['neocognitron', ['optimiser.layers.0.name=US9'], /found no such layer US9/],
  ['neocognitron', ['optimiser.layers.0.column=1000'], /columns of at most/],
  ['nin-cifar10', [levenberg], /second derivatives: expected layers with a rule/, coloured],
  // heads
  [
    'lenet5',
    ['auxiliary={"side":0.3}'],
    /auxiliary: expected none for lenet5, which has one head, found side/,
  ],
  [
    'googlenet',
    ['auxiliary={"loss1/classifier":0.3}'],
    /auxiliary: expected a weight for each of loss1\/classifier, loss2\/classifier, found loss1\/classifier/,
    images(224, 3),
  ],
  ['googlenet', ['auxiliary.loss9=0.3'], /found loss1\/classifier, loss2\/classifier, loss9/, images(224, 3)],
  // layers by name
  [
    'lenet5',
    [factor('["C9"]')],
    /multipliers: expected names of layers of lenet5 that learn, found C9, no such layer/,
  ],
  ['lenet5', [factor('["output"]')], /found output, one that stays as it is/],
  ['lenet5', [factor('["C1/tanh"]')], /found C1\/tanh, one without weights/],
  ['lenet-caffe', ['multipliers.0.layers=["conv9"]'], /found conv9, no such layer/],
  ['lenet5', [factor('"all"', 0)], /multipliers: expected weights that learn, found a rate of 0 for all/],
  ['lenet5', ['weightDecay=0.1', factor('"all"')], /weightDecay: expected weights that decay/],
  [
    'lenet5',
    ['initialiser.layers={"C9":{"bias":1}}'],
    /initialiser.layers: expected names.*found C9, no such layer/,
  ],
  [
    'lenet5',
    ['initialiser.kernel={"kind":"preferredDirections","sum":1,"preference":0.1}'],
    /initialiser: expected kernels \[side, side, inputs, maps\]/,
  ],
  [
    'lenet5',
    ['startFrom={"network":"lenet1","layers":["C1"]}'],
    /^startFrom: expected startFrom with a run of lenet1, found no startFrom$/,
  ],
  // images
  ['lenet5', ['variants=4'], /variants: expected distortions \(augment\)/],
  [
    'lenet5',
    ['augment=[{"kind":"translate","shift":1}]', 'variants=1'],
    /augment: expected variants above 1/,
  ],
  [
    'lenet5',
    ['augment=[{"kind":"photometric","strength":0.1}]'],
    /augment: expected images in three colours/,
  ],
  [
    'lenet-caffe',
    ['augment=[{"kind":"randomCrop","size":20,"shortSide":24}]'],
    /augment: expected crops that become images of 28x28/,
  ],
  ['lenet5', ['input.shape=[28,28,1]'], /expected an input of 32×32/],
  [
    'lenet5',
    ['input.shape=[32,32,3]'],
    /input.preprocess: expected steps that make images 32x32x3 of the 28x28x1 of toy.*found 32x32x1/,
  ],
  [
    'lenet5',
    ['input.preprocess=[]'],
    /input.preprocess: expected steps that make images 32x32x1.*found 28x28x1/,
  ],
  ['lecun1989', [], /input.preprocess: expected steps that make images 16x16x1 of the 28x28x1/],
  ['lenet5', [], /input.preprocess: .*found 32x32x3/, images(28, 3)],
  // schedules
  [
    'lenet5',
    ['schedule={"kind":"steps","steps":[{"epoch":0,"rate":0.1},{"epoch":20,"rate":0.01}]}'],
    /schedule: expected rates within a training of 20 epochs, found a step at epoch 20/,
  ],
  [
    'lenet5',
    ['epochs=1', 'schedule={"kind":"staircase","from":0.1,"factor":0.5,"epochs":2}'],
    /within a training of 1 epoch, found a stair of 2 epochs/,
  ],
  [
    'lenet5',
    ['schedule={"kind":"plateau","from":0.1,"factor":0.5,"patience":20,"drops":2}'],
    /found a patience of 20 epochs/,
  ],
  // set twice, and numbers
  ['lenet5', ['epochs=3', 'epochs=4'], /epochs to be set once, found set: 'epochs=3' and set: 'epochs=4'$/],
  [
    'lenet5',
    ['schedule.from=0.1', 'schedule={"kind":"constant","rate":0.1}'],
    /schedule.from to be set once/,
  ],
  ['lenet5', ['dataset=mnist'], /data to be named by data, found dataset set$/],
  ['lenet5', ['batchSize=1e9'], /batchSize: too big/],
  ['neocognitron', ['batchSize=5'], /batchSize: expected 1 for winnerTakeAll/],
  ['lenet5', ['schedule.from=1e308'], /schedule.from: too big/],
  ['lenet5', ['schedule.from=1e-300'], /schedule.from: too small/],
  ['lenet5', ['epochs=1e15'], /epochs: too big/],
  ['lenet5', ['optimiser.momentum=1'], /optimiser.momentum: too big/],
  ['lenet5', ['weightDecay=1e999'], /weightDecay: .*Infinity/],
  ['lenet5', ['input.shape=[1000000,32,1]'], /input.shape.0: too big/],
  ['lenet5', ['variants=1e7', 'augment=[{"kind":"translate","shift":1}]'], /variants: too big/],
];

const refusals = refused.map(([name, set, message, data = grey]) => [name, set, message, data] as const);

it.each(refusals)('%s refuses %p in one line', (name, set, message, data) => {
  const attempt = () => check(name, set, data);
  expect(attempt).toThrow(UserError);
  expect(attempt).toThrow(message);
  expect(attempt).not.toThrow(/\n/);
});

it('refuses a start from another run than the recipe was set to, and from layers that are not there', () => {
  const set = ['startFrom={"network":"lenet1","layers":["C9"]}'];
  expect(() => check('lenet5', set, grey, 'lenet5')).toThrow(/a run of lenet1, found one of lenet5/);
  expect(() => check('lenet5', set, grey, 'lenet1')).toThrow(/startFrom.layers: .*found C9, no such layer/);
});

it('names the option that set the field which is refused, and no other', () => {
  const attempt = (options: Record<string, string>) => () =>
    namingOptions(options, () => check('neocognitron', ['batchSize=5'], grey));
  expect(attempt({ '--variants': 'variants', '--batch': 'batchSize' })).toThrow(/^--batch: expected 1 for/);
  expect(attempt({ '--variants': 'batch' })).toThrow(/^batchSize: expected 1 for/);
});

const taken: readonly (readonly [NetworkName, readonly string[], Dataset?])[] = [
  ['lenet5', []],
  ['lenet5', [trained]],
  ['lenet5', ['loss.codes=trained', levenberg]],
  ['lenet5', ['loss.rival=null', 'order=constant', average]],
  ['lenet5', ['variants=3', 'augment=[{"kind":"translate","shift":1}]']],
  ['lenet5', [factor('["C1","F6"]', 2, 'bias')]],
  ['lenet5', ['initialiser.layers={"C1":{"bias":0}}']],
  ['lenet5-modern', [weighted]],
  ['lenet5-modern', ['loss={"kind":"squaredError","on":1,"off":0}']],
  ['lenet1', ['loss={"kind":"softmaxCrossEntropy"}']],
  ['neocognitron', ['schedule.rate=0.5', 'order=constant', 'epochs=2']],
  ['nin-cifar10', ['epochs=2'], coloured],
  ['googlenet', ['auxiliary={"loss1/classifier":0.3,"loss2/classifier":0}'], images(224, 3)],
  // Its own plateau of 5 epochs does not fit, which nobody set.
  ['vgg-a', ['epochs=2', 'schedule.from=0.001', 'augment=[]'], images(224, 3)],
];

const uses = taken.map(([name, set, data = grey]) => [name, set, data] as const);

it.each(uses)('%s takes %p', (name, set, data) => {
  expect(() => check(name, set, data)).not.toThrow();
});

it.each(Object.keys(zoo) as NetworkName[])('%s takes its own recipe', (name) => {
  const [height, width, channels] = zoo[name].recipe.input.shape;
  const side = Math.max(height, width);
  const crops = zoo[name].recipe.augment.some((step) => 'size' in step);
  expect(() =>
    check(
      name,
      [],
      images(crops ? 256 : Math.min(side, name === 'neocognitron' ? 28 : side), channels as 1 | 3),
    ),
  ).not.toThrow();
});
