import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { networkNames, zoo, type NetworkName } from '../../models/registry';
import { newFinetune } from '../../src/workflows/finetune/finetune-run';
import { datasetInMemory } from '../../src/data/dataset';
import { UserError } from '../../src/core/errors';
import { withoutDrawing } from '../../src/layers/initialise/initialise';
import type { ImageShape, Network } from '../../src/core/network';
import { randomBatch } from '../../src/report/bench/bench';
import { useBackend } from '../../src/runtime/backend';
import type { Context } from '../../src/workflows/context';
import { contextForTests } from '../support/context';
import { checkRecipe } from '../../src/train/check-recipe';
import { freeze, layersLike, learnersOf } from '../../src/finetune/freeze';
import { splitAboveFrozen } from '../../src/finetune/split-model';
import { writeModelFolder, type ModelRecord } from '../../src/weights/model-folder';
import { openRun } from '../../src/train/run/run-record';
import { stepFor } from '../../src/train/step/choose-step';
import { finetuneRecipe } from '../../src/finetune/finetune-recipe';
import { arraysOf } from '../../src/weights/named-array';
import { fillWeights, temporaryFolder } from '../support/fixtures';
import { solidImages } from '../support/images/solid-images';
import { mainPathOf } from '../../src/layers/layer-walk';

type Asked = Parameters<typeof newFinetune>[0];

const temporary = temporaryFolder();
let context: Context;

/** Inputs at which the large networks are small. */
const small: { readonly [name in NetworkName]?: ImageShape } = {
  'nin-imagenet': [96, 96, 3],
  googlenet: [96, 96, 3],
  'googlenet-torchvision': [64, 64, 3],
};

beforeAll(async () => {
  await useBackend();
  context = await contextForTests();
});

const byGradient = networkNames.filter((name) => zoo[name].recipe.optimiser.kind !== 'winnerTakeAll');

/** What learns by default: the head, or of LeNet-5, whose codes are fixed, what is above the last sub-sampling (§II.B). */
it.each(byGradient)('%s learns other classes by the defaults of finetune', async (name) => {
  const network: Network = zoo[name];
  const { recipe } = network;
  const shape = small[name] ?? recipe.input.shape;
  const model = mainPathOf(withoutDrawing(() => network.build({ classes: 3, input: shape, seed: 1 })));
  const learners = learnersOf(model, network.head);
  expect(learners).toEqual(
    name === 'lenet5' ? ['C5', 'F6'] : network.head.filter((head) => !/^loss[12]/.test(head)),
  );
  freeze(
    model,
    layersLike(model, ['*']).filter((layer) => !learners.includes(layer)),
  );
  const { head, featureShape } = splitAboveFrozen(model)!;
  const finetune = finetuneRecipe(recipe, {
    input: { ...recipe.input, shape },
    head: learners,
    rates: new Map(),
    headAlone: true,
  });
  const side = Math.max(...shape.slice(0, 2));
  const data = datasetInMemory({
    name: 'toy',
    synthetic: true,
    classes: ['a', 'b', 'c'],
    shape: [side, side, shape[2]],
    labels: Int32Array.of(0, 1, 2),
    pixels: new Uint8Array(),
  });
  const mode = { kind: 'finetune', head } as const;
  checkRecipe({ ...finetune, augment: [] }, { name, model, data, set: new Set(), mode });
  fillWeights(head);
  const before = await arraysOf(head.weights);
  const step = stepFor(head, finetune, 1);
  const batch = { ...randomBatch(3, featureShape, 3), labels: Int32Array.of(0, 1, 2) };
  expect(await step.run(batch, 0.01, 0)).toBeGreaterThan(0);
  await step.state?.sync();
  const after = await arraysOf(head.weights);
  const changed = after.filter(({ values }, index) =>
    values.some((value, at) => value !== before[index]!.values[at]),
  );
  const layers = changed.map(({ name: weight }) => weight.slice(0, weight.lastIndexOf('/')));
  expect([...new Set(layers)]).toEqual(learners);
  step.dispose();
  head.dispose();
});

/** A model folder of a network, with weights that nobody trained. */
async function modelFolder(name: NetworkName): Promise<string> {
  const folder = join(temporary, name);
  if (existsSync(folder)) return folder;
  const { build, recipe }: Network = zoo[name];
  const model = build({ classes: 10, seed: 1 });
  fillWeights(model);
  await writeModelFolder(folder, model, {
    network: name,
    classes: 10,
    labels: null,
    synsets: null,
    input: structuredClone(recipe.input) as ModelRecord['input'],
    missing: [],
    seed: 1,
    source: {
      kind: 'imported',
      file: 'none',
      bytes: 1,
      sha256: '0'.repeat(64),
      format: 'caffemodel',
      convention: 'caffe',
      published: null,
    },
    command: 'made by a test',
    commit: null,
    made: new Date(0).toISOString(),
  });
  model.dispose();
  return folder;
}

let runs = 0;

async function begun(name: NetworkName, options: Partial<Asked>) {
  const photos = join(temporary, 'photos');
  for (const [index, kind] of ['a', 'b', 'c'].entries())
    if (!existsSync(join(photos, kind))) await solidImages(join(photos, kind), 8 + index);
  const out = join(temporary, `run${runs++}`);
  const asked = {
    network: name,
    weights: await modelFolder(name),
    data: photos,
    out,
    freeze: ['all'],
    classWeights: 'auto' as const,
    validationSplit: 0.2,
    seed: 1,
    step: 'auto' as const,
    precision: 'float32' as const,
    workers: 0,
    ...options,
  } satisfies Asked;
  const run = await newFinetune(asked, context).catch((error: unknown) => {
    expect(existsSync(out)).toBe(false);
    throw error;
  });
  run.whole.dispose();
  return run.record;
}

const flips = 'augment=[{"kind":"flip"}]';

it.each<readonly [NetworkName, Partial<Asked>, RegExp]>([
  ['lenet5', { freeze: ['*'] }, /^freeze: expected layers below the head.*found output/],
  [
    'lenet5',
    { freeze: ['C*', 'S*', 'F6'] },
    /^freeze: expected at least one layer that learns, of C5, F6, found all of them frozen/,
  ],
  [
    'lenet5',
    { freeze: ['C1/tanh'] },
    /layers like C1\/tanh that have weights, found C1\/tanh without; C1, S2/,
  ],
  ['lenet5-modern', { freeze: ['S2'] }, /layers like S2 that have weights, found S2 without/],
  ['lenet5', { set: ['loss={"kind":"softmaxCrossEntropy"}'] }, /loss.kind: expected rbfPenalty for lenet5/],
  ['lenet5', { classWeights: 'balanced' }, /^classWeights: expected none for a loss of kind rbfPenalty/],
  ['lenet5-modern', { set: ['variants=4'] }, /variants: expected distortions/],
  ['lenet5-modern', { variants: 4 }, /^variants: expected distortions \(augment\)/],
  [
    'lenet5-modern',
    { variants: 2, set: [flips, 'variants=3'] },
    /variants to be set once, found variants 2 and set: 'variants=3'$/,
  ],
  ['lenet5-modern', { set: [flips] }, /^augment: expected variants above 1.*found one variant/],
  ['lenet5-modern', { freeze: ['none'], variants: 2, set: [flips] }, /^variants: expected frozen layers/],
  ['lenet5-modern', { set: ['auxiliary={"side":0.3}'] }, /auxiliary: expected none in fine-tuning/],
  ['lenet5-modern', { set: ['initialiser.bias=1'] }, /initialiser: expected none to be set in fine-tuning/],
  [
    'lenet5-modern',
    { set: ['startFrom={"network":"lenet5","layers":["C1"]}'] },
    /startFrom: expected none in fine-tuning/,
  ],
  [
    'lenet5-modern',
    { set: ['multipliers=[{"layers":["C1"],"weights":"all","rate":2,"decay":1}]'] },
    /multipliers: .*found C1, one that stays as it is/,
  ],
  [
    'lenet5-modern',
    { set: ['multipliers=[]'], layerRate: ['output=2'] },
    /^layerRate: expected it without set: 'multipliers'/,
  ],
  [
    'lenet5-modern',
    { layerRate: ['C1=2'] },
    /^layerRate: 'C1=2': expected layers that learn, found C1 frozen/,
  ],
  [
    'lenet5-modern',
    { layerRate: ['output=0'] },
    /^layerRate: expected a factor above 0, found output=0; layers keep their weights by freeze$/,
  ],
  ['lenet5-modern', { layerRate: ['output=1e999'] }, /^layerRate: expected LAYERS=FACTOR/],
  [
    'lenet5-modern',
    { rate: 0.1, set: ['schedule={"kind":"constant","rate":1}'] },
    /schedule.from to be set once, found rate 0.1 and set: 'schedule=/,
  ],
  [
    'lenet5-modern',
    { batch: 8, set: ['batchSize=4'] },
    /batchSize to be set once, found batch 8 and set: 'batchSize=4'$/,
  ],
  [
    'lenet5-modern',
    { epochs: 8, set: ['epochs=4'] },
    /epochs to be set once, found epochs 8 and set: 'epochs=4'$/,
  ],
  [
    'lenet5-modern',
    { epochs: 8, patience: 8 },
    /^patience: expected fewer than the 8 epochs of the training, found 8/,
  ],
  [
    'lenet5-modern',
    { classWeights: 'balanced', set: ['loss.classWeights=[1,1,1]'] },
    /^classWeights: expected it without set: 'loss'/,
  ],
  [
    'lenet5-modern',
    { set: ['loss.classWeights=[1,1]'] },
    /classWeights: expected 3, one for each class, found 2/,
  ],
  [
    'lenet5-modern',
    { set: ['input.shape=[28,28,1]'] },
    /input.shape: expected 32x32x1, which lenet5-modern was trained for/,
  ],
  [
    'lenet5-modern',
    { set: ['input.preprocess=[{"kind":"pad","height":40,"width":40,"value":0}]'] },
    /input.preprocess: expected steps that make images 32x32x1/,
  ],
  [
    'lenet5-modern',
    { set: ['schedule={"kind":"steps","steps":[{"epoch":0,"rate":1},{"epoch":60,"rate":0.1}]}'] },
    /a training of 60 epochs, found a step at epoch 60/,
  ],
  ['lenet5-modern', { set: ['optimiser={"kind":"winnerTakeAll","layers":[]}'] }, /winnerTakeAll: expected/],
  ['lenet5-modern', { method: 'solve', epochs: 9 }, /^epochs: expected it without method: 'solve'/],
  ['lenet5-modern', { method: 'solve', rate: 0.1 }, /^rate: expected it without method: 'solve'/],
  ['lenet5-modern', { method: 'solve', patience: 3 }, /^patience: expected it without method: 'solve'/],
  ['lenet5-modern', { method: 'solve', layerRate: ['*=2'] }, /^layerRate: expected it without/],
  ['lenet5-modern', { method: 'solve', step: 'eager' }, /^step: expected it without method: 'solve'/],
  [
    'lenet5-modern',
    { method: 'solve', set: ['optimiser.momentum=0.5'] },
    /^set: 'optimiser.momentum': expected it without method: 'solve'/,
  ],
  [
    'lenet5-modern',
    { method: 'solve', set: ['weightDecay=0.1'] },
    /^set: 'weightDecay': expected it without method: 'solve'/,
  ],
  [
    'lenet5-modern',
    { method: 'descend', withValidation: true },
    /^withValidation: expected a head that is solved, found method: 'descend'$/,
  ],
  [
    'lenet5-modern',
    { batch: 8, withValidation: true },
    /^withValidation: expected a head that is solved, found batch,/,
  ],
  [
    'lenet5-modern',
    { epochs: 9, set: ['optimiser.weightDecays=[1]'] },
    /^set: 'optimiser.weightDecays': expected a head that is solved, found epochs,/,
  ],
  [
    'lenet5-modern',
    { set: ['optimiser={"kind":"lbfgs","weightDecays":[1],"patience":1}'] },
    /^optimiser.kind: expected an optimiser that learns from batches .* found lbfgs/,
  ],
  [
    'lenet5',
    { method: 'solve' },
    /^method: 'solve': expected one linear layer .* found a loss of kind rbfPenalty/,
  ],
  [
    'lenet5-modern',
    { freeze: ['C1'], withValidation: true },
    /^withValidation: expected one linear layer to learn.* found .*, which learns as well/,
  ],
  [
    'lenet5-modern',
    { method: 'solve', optimiser: 'adamw' },
    /^optimiser: expected it without method: 'solve'/,
  ],
  ['lenet5-modern', { method: 'solve', labelSmoothing: 0.1 }, /^labelSmoothing: expected it without method/],
  ['lenet5-modern', { withValidation: true, clipNorm: 1 }, /^withValidation: expected a head that is solved/],
  [
    'lenet5-modern',
    { method: 'solve', set: ['loss.labelSmoothing=0.1'] },
    /^method: 'solve': expected one linear layer .* found labels smoothed by 0.1$/,
  ],
  [
    'lenet5',
    { labelSmoothing: 0.1 },
    /^labelSmoothing: expected none for a loss of kind rbfPenalty, found 0.1$/,
  ],
  ['lenet5-modern', { labelSmoothing: 1 }, /^labelSmoothing: too big/],
  ['lenet5-modern', { accumulate: 1 }, /^accumulate: too small: expected at least 2 batches, found 1$/],
  [
    'lenet5-modern',
    { accumulate: 2, batch: 64 },
    /^accumulate: expected batches smaller than the \d+ images of .*, found 2 of 64$/,
  ],
  ['lenet5-modern', { clipNorm: 0 }, /^clipNorm: too small/],
  ['lenet5-modern', { warmUp: 0 }, /^warmUp: too small: expected a time above 0, found 0$/],
  [
    'lenet5-modern',
    { warmUp: 4, epochs: 4 },
    /^warmUp: expected fewer than the 4 epochs of the training, found 4$/,
  ],
  [
    'lenet5-modern',
    { optimiser: 'adamw', set: ['optimiser={"kind":"momentum","momentum":0.5}'] },
    /optimiser to be set once, found optimiser: 'adamw' and set: 'optimiser=/,
  ],
  ['lenet5-modern', { rate: Infinity }, /^rate: .*found Infinity/],
  ['lenet5-modern', { rate: -1 }, /^rate: too small/],
])('a fine-tuning of %s refuses %p in one line, before there is a folder', async (name, options, message) => {
  const refusal = await begun(name, options).catch((error: unknown) => error as Error);
  expect(refusal).toBeInstanceOf(UserError);
  expect((refusal as Error).message).toMatch(message);
  expect((refusal as Error).message).not.toMatch(/\n/);
});

it('what is asked of a fine-tuning is in its record', async () => {
  const fixed = await begun('lenet5', {});
  expect(fixed.finetune).toMatchObject({ frozen: ['C1', 'S2', 'C3', 'S4'], features: true });
  const trained = await begun('lenet5', { set: ['loss.codes=trained'] });
  expect(trained.finetune.frozen).toEqual(['C1', 'S2', 'C3', 'S4', 'C5', 'F6']);
  expect(trained.recipe.loss).toEqual({ kind: 'rbfPenalty', rival: 1, codes: 'trained' });
  const several = await begun('lenet5-modern', { variants: 3, set: [flips], layerRate: ['*=2'] });
  expect(several.recipe).toMatchObject({ variants: 3, augment: [{ kind: 'flip' }] });
  expect(several.recipe.multipliers!.at(-1)).toMatchObject({ layers: ['output'], rate: 2 });
  const anew = await begun('lenet5-modern', { freeze: ['none'], set: [flips, 'variants=3'] });
  expect(anew.recipe).toMatchObject({ variants: 3 });
  expect(anew.finetune.features).toBe(false);
});

it('the optimiser and what goes with it are in the record, with the rate that suits the rule', async () => {
  const own = await begun('lenet5-modern', { method: 'descend' });
  const adamw = await begun('lenet5-modern', {
    ...{ optimiser: 'adamw', warmUp: 0.5, labelSmoothing: 0.1, clipNorm: 2, accumulate: 3, batch: 4 },
  });
  expect(adamw.recipe).toMatchObject({
    optimiser: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    schedule: { kind: 'cosine', from: 1e-4, to: 0 },
    weightDecay: 0.01,
    warmUp: { epochs: 0.5, from: 0.01 },
    loss: { labelSmoothing: 0.1 },
    clipNorm: 2,
    accumulate: 3,
    batchSize: 4,
  });
  expect(adamw.recipe.multipliers).toEqual(own.recipe.multipliers);
  const adam = await begun('lenet5-modern', { optimiser: 'adam', rate: 0.003, set: ['optimiser.beta1=0.8'] });
  expect(adam.recipe).toMatchObject({
    optimiser: { kind: 'adam', beta1: 0.8 },
    schedule: { from: 0.003 },
    weightDecay: own.recipe.weightDecay,
  });
  const whole = await begun('lenet5-modern', {
    set: ['optimiser={"kind":"adamw","beta1":0.9,"beta2":0.99,"epsilon":1e-8}', 'weightDecay=0.05'],
  });
  expect(whole.recipe).toMatchObject({
    schedule: { from: 1e-4 },
    weightDecay: 0.05,
    optimiser: { beta2: 0.99 },
  });
  expect((await begun('lenet5-modern', { optimiser: 'momentum' })).recipe).toEqual(own.recipe);
  const smoothed = await begun('lenet5-modern', { set: ['loss.labelSmoothing=0.2'] });
  expect(smoothed.recipe.optimiser.kind).toBe('momentum');
});

it('a linear head is solved, unless something is asked that only descending gradients has', async () => {
  const solved = await begun('lenet5-modern', {});
  expect(solved.recipe.optimiser.kind).toBe('lbfgs');
  expect(solved.finetune.features).toBe(true);
  expect(solved).not.toHaveProperty('patience');
  const asked: readonly Partial<Asked>[] = [
    { method: 'descend' },
    { epochs: 40 },
    { rate: 0.01 },
    { batch: 8 },
    { patience: 3 },
    { layerRate: ['*=2'] },
    { warmUp: 1 },
    { labelSmoothing: 0.1 },
    { clipNorm: 1 },
    { accumulate: 2, batch: 4 },
    { step: 'eager' },
    { set: ['schedule={"kind":"constant","rate":0.1}'] },
    { set: ['weightDecay=0.1'] },
    { set: ['optimiser.momentum=0.5'] },
  ];
  for (const options of asked)
    expect((await begun('lenet5-modern', options)).recipe.optimiser.kind).toBe('momentum');
  const own = await begun('lenet5-modern', {
    set: ['optimiser.weightDecays=[0.5]', flips],
    variants: 2,
    classWeights: 'balanced',
    withValidation: true,
  });
  expect(own.recipe.optimiser).toMatchObject({ kind: 'lbfgs', weightDecays: [0.5] });
  expect(own.recipe).toMatchObject({
    variants: 2,
    loss: { classWeights: [expect.any(Number), 1, 1] as unknown },
  });
  expect(own.finetune.withValidation).toBe(true);
});

it('a run’s folder is read back with what a fine-tuning was asked', async () => {
  const { recipe } = await begun('lecun1989', { batch: 16 });
  // A tenth of the network's own rate for one image, of 32 images whose gradients are averaged.
  expect(recipe.schedule).toEqual({
    kind: 'cosine',
    from: expect.closeTo((0.005 / 10) * 32, 12) as number,
    to: 0,
  });
  const folder = join(temporary, `run${runs - 1}`);
  expect((await openRun(folder)).recipe).toEqual(recipe);
  expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toMatchObject({
    recipe: { batchSize: 16 },
  });
});
