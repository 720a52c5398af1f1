import { zoo } from '../../models/registry';
import { datasetInMemory } from '../../src/data/dataset';
import { fitRecipe } from '../../src/data/preprocess/fit';
import { useBackend } from '../../src/runtime/backend';
import { evaluate as evaluateAlone } from '../../src/evaluate/evaluate';
import { train as trainAlone } from '../../src/train/train';
import { evaluate, predict, train } from '../../index';
import { refusal } from '../support/fixtures';
import { seededRandom } from '../../src/core/random';

beforeAll(() => useBackend());

/** Images of noise; what is tested is what becomes of them before a network sees them. */
function noise(name: string, images: number) {
  const random = seededRandom(7);
  const pixels = Uint8Array.from({ length: images * 8 * 8 * 3 }, () => random.integer(256));
  const labels = Int32Array.from({ length: images }, (_, index) => index % 2);
  return datasetInMemory({
    name,
    classes: ['even', 'odd'],
    labels,
    shape: [8, 8, 3],
    pixels,
    synthetic: true,
  });
}

const { build, recipe: own } = zoo['nin-cifar10'];
const recipe = {
  ...own,
  epochs: 1,
  batchSize: 16,
  augment: [],
  input: { ...own.input, shape: [8, 8, 3] as const },
};
const model = () => build({ classes: 2, seed: 1, input: [8, 8, 3] });

it('whitens by the training set before the first update, as fitting by hand does', async () => {
  const data = noise('noise', 48);
  const losses: number[] = [];
  for await (const { loss } of train({ model: model(), recipe, data, seed: 1 })) losses.push(loss);
  const fitted = await fitRecipe(data, recipe);
  const byHand: number[] = [];
  for await (const { loss } of trainAlone({ model: model(), ...fitted, data, seed: 1 })) byHand.push(loss);
  expect(losses).toEqual(byHand);
  expect(losses).toHaveLength(3);
});

it('evaluates and predicts with what the training of the same model computed', async () => {
  const data = noise('noise', 48);
  const trained = model();
  for await (const { loss } of train({ model: trained, recipe, data, seed: 1 }))
    expect(loss).toBeGreaterThan(0);
  const test = noise('others', 10);
  const fitted = await fitRecipe(data, recipe);
  const found = await evaluate({ model: trained, recipe, data: test });
  expect(found.mistakes).toBe((await evaluateAlone({ model: trained, data: test, ...fitted })).mistakes);
  const labels: number[] = [];
  for await (const { label } of predict({ model: trained, recipe, data: test })) labels.push(label);
  expect(labels).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
});

it('refuses to evaluate a model whose preprocessing nobody has computed', async () => {
  expect(await refusal(evaluate({ model: model(), recipe, data: noise('noise', 4) }))).toMatch(
    /expected what its preprocessing takes from a training set \(fitted\), found none; train gives it/,
  );
});

it('says what is missing, and does not start', async () => {
  const data = noise('noise', 4);
  const given = { model: model(), recipe, data, seed: 1 };
  const tried = async (options: object) => {
    for await (const update of train(options as typeof given)) return String(update.step);
    return 'trained';
  };
  expect(await refusal(tried({ ...given, data: undefined }))).toBe('train: expected data, found none');
  expect(await refusal(tried({ ...given, seed: undefined }))).toBe(
    'seed: expected a whole number of at least 0, found undefined',
  );
  expect(await refusal(evaluate({} as never))).toBe('evaluate: expected model, found none');
});
