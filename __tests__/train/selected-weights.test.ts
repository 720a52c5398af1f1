import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { zoo } from '../../models/registry';
import { openStart } from '../../src/workflows/finetune/finetune-start';
import { openFolder } from '../../src/workflows/trained/open-folder';
import { trainedStart } from '../../src/workflows/train/start-from-trained';
import { useBackend } from '../../src/runtime/backend';
import { saveCheckpoint } from '../../src/train/run/checkpoint';
import { startFrom, takeStart } from '../../src/train/run/start-from';
import { selectedWeights } from '../../src/train/run/selected-weights';
import { readSafetensors } from '../../src/weights/formats/safetensors/read-safetensors';
import type { Context } from '../../src/workflows/context';
import { contextForTests } from '../support/context';
import { fillWeights, randomTensor, temporaryFolder } from '../support/fixtures';
import { fixtures } from '../support/places';

const older = join(fixtures, 'older');
const folder = temporaryFolder();
const [validated, unfinished] = [join(folder, 'validated'), join(folder, 'unfinished')];
const network = zoo.lecun1989;
let context: Context;
const threeClasses = { name: 'three classes', classes: ['0', '1', '2'] };

beforeAll(async () => {
  await useBackend();
  context = await contextForTests();
  cpSync(join(older, 'run'), validated, { recursive: true });
  // A validation folder or a split chooses a best epoch too, and run.json then counts no images held out.
  cpSync(join(validated, 'last.safetensors'), join(validated, 'best.safetensors'));
  cpSync(join(older, 'tuned', 'run.json'), join(unfinished, 'run.json'));
});

it('a new run starts from the weights that the report of the earlier one is of', async () => {
  const of = join(folder, 'new');
  const earlier = await trainedStart(validated, 'lecun1989', network.recipe, context);
  const start = await earlier?.takenBy({ folder: of, data: threeClasses });
  expect(resolve(of, start!.checkpoint)).toBe(join(validated, 'best.safetensors'));
  const { model, weights } = await openFolder(validated, {}, context);
  model.dispose();
  expect(weights).toEqual({ kind: 'best', path: join(validated, 'best.safetensors') });
  const finetune = await openStart(validated, 'lecun1989', undefined, context);
  finetune.model.dispose();
  expect(finetune.sha256).toBe(start!.sha256);
});

it('of a fine-tuning that has ended, it starts from its model, whatever its last update came to', async () => {
  const tuned = join(older, 'tuned');
  const earlier = await trainedStart(tuned, 'lecun1989', network.recipe, context);
  const start = await earlier?.takenBy({ folder, data: threeClasses });
  const model = network.build({ classes: 3, seed: 5 });
  await takeStart(model, start!, folder);
  const { tensors } = await readSafetensors(join(tuned, 'weights.safetensors'));
  for (const weight of model.weights) {
    const expected = tensors.find(({ name }) => name === weight.originalName)!;
    expect([...weight.read().dataSync()]).toEqual([...expected.data]);
  }
  model.dispose();
});

it.each(['lenet5', 'lecun1989', 'googlenet'] as const)(
  'where the classes come in another order, %s gives each the answer that it had',
  async (name) => {
    const input = name === 'googlenet' ? ([79, 79, 3] as const) : zoo[name].recipe.input.shape;
    const built = (seed: number) => zoo[name].build({ classes: 3, input, seed });
    const [before, after] = [built(1), built(2)];
    fillWeights(before);
    const file = join(folder, `${name}.safetensors`);
    const progress = { done: 1, epochs: 1, lossSum: 0, images: 0, seconds: 0, best: null, plateau: null };
    await saveCheckpoint(file, before, null, progress);
    const order = { indices: [2, 0, 1], layers: zoo[name].head };
    await takeStart(after, await startFrom(file, 'all', folder, order), folder);
    const images = randomTensor([2, ...input], 3);
    const [was, is] = [before, after].map((model) => {
      const outputs = model.predict(images);
      return (Array.isArray(outputs) ? outputs : [outputs]).map((scores) => scores.arraySync() as number[][]);
    });
    expect(is).toEqual(was!.map((scores) => scores.map((row) => [2, 0, 1].map((index) => row[index]))));
    expect(new Set(was![0]![0]).size).toBe(3);
    for (const model of [before, after]) model.dispose();
    images.dispose();
  },
);

it('says what is missing, or not to be had', async () => {
  await expect(selectedWeights(unfinished)).rejects.toThrow(/expected a fine-tuning that has ended/);
  await expect(selectedWeights(validated, 'last')).resolves.toMatchObject({ kind: 'last' });
  await expect(selectedWeights(join(older, 'run'), 'best')).rejects.toThrow(/found no best\.safetensors/);
  await expect(selectedWeights(join(older, 'tuned'), 'last')).rejects.toThrow(/found a model in/);
  await expect(selectedWeights(folder)).rejects.toThrow(/found neither run\.json nor network\.json/);
});
