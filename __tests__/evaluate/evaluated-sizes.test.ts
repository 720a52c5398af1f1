/** Networks that are evaluated on images of another size than those that they learned from. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../models/registry';
import { evaluateFolder, type EvaluateFolderOptions } from '../../src/workflows/evaluate/evaluate-folder';
import { expectImageSize } from '../../src/workflows/evaluate/evaluation-data';
import { newRun } from '../../src/workflows/train/start-run';
import { finishRun } from '../../src/workflows/train/finish-run';
import { datasetInMemory, type Dataset } from '../../src/data/dataset';
import { withoutDrawing } from '../../src/layers/initialise/initialise';
import { seededRandom } from '../../src/core/random';
import { useBackend } from '../../src/runtime/backend';
import type { Context } from '../../src/workflows/context';
import { contextForTests, telling } from '../support/context';
import { temporaryFolder, writeIdxFolder } from '../support/fixtures';

const temporary = temporaryFolder();
const [small, large] = [join(temporary, 'small'), join(temporary, 'large')];
const runs = { lecun1989: join(temporary, 'of small'), lenet1: join(temporary, 'of large') } as const;
let context: Context;
let noted = '';

/** Ten classes of noise. */
function noise(side: number, images: number): Dataset {
  const random = seededRandom(side);
  return datasetInMemory({
    name: 'noise',
    synthetic: false,
    classes: [...'0123456789'],
    shape: [side, side, 1],
    labels: Int32Array.from({ length: images }, (_, index) => index % 10),
    pixels: Uint8Array.from({ length: images * side * side }, () => Math.floor(random.uniform(0, 256))),
  });
}

beforeAll(async () => {
  await useBackend();
  context = await contextForTests();
  await writeIdxFolder(small, { train: noise(16, 20), test: noise(16, 10) });
  await writeIdxFolder(large, { train: noise(28, 20), test: noise(28, 10) });
  for (const [network, data] of [
    ['lecun1989', small],
    ['lenet1', large],
  ] as const)
    await finishRun(await newRun({ network, data, out: runs[network], epochs: 1 }, context), context);
}, 60_000);

beforeEach(() => (noted = ''));

const evaluated = (models: string | readonly string[], options: EvaluateFolderOptions) =>
  evaluateFolder(zoo, models, { onProgress: telling((line) => (noted += `${line}\n`)), ...options });

it('a run keeps the size of the images that it learned from', () => {
  const of = (run: string) => JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as object;
  expect(of(runs.lecun1989)).toMatchObject({ imageShape: [16, 16, 1] });
  expect(of(runs.lenet1)).toMatchObject({ imageShape: [28, 28, 1] });
});

it('refuses those that preprocessing does not bring to its size, in the line that training has for them', async () => {
  const line =
    /^input\.preprocess: expected steps that make images 16x16x1 of the 28x28x1 of .*large.*, as lecun1989 takes them, found 28x28x1$/;
  await expect(evaluated(runs.lecun1989, { data: large })).rejects.toThrow(line);
  await expect(newRun({ network: 'lecun1989', data: large, epochs: 1 }, context)).rejects.toThrow(
    /^input\.preprocess: expected steps that make images 16x16x1 of the 28x28x1 of .*large/,
  );
  const models = [runs.lenet1, runs.lecun1989];
  await expect(evaluated(models, { data: large })).rejects.toThrow(line);
  await expect(evaluated(runs.lecun1989, { data: large, crops: 'ten' })).rejects.toThrow(/large/);
});

it('says that padded images are of another size than in training, and evaluates them', async () => {
  await evaluated(runs.lenet1, { data: small });
  expect(noted).toMatch(/small.*: its images are 16x16, but .*of large was trained on images of 28x28: /);
  noted = '';
  await evaluated(runs.lenet1, { data: large });
  expect(noted).not.toMatch(/trained on are/);
});

it('names the data set whose images are no size to whiten, or have other channels', () => {
  const network = 'nin-cifar10' as const;
  const { recipe } = zoo[network];
  const model = withoutDrawing(() => zoo[network].build({ classes: 10, seed: 1 }));
  const of = { folder: 'nin', network, model, recipe, record: null };
  expect(() => expectImageSize(of, noise(28, 10), context)).toThrow(
    /expected steps that make images 32x32x3 of the 28x28x1 of noise, as nin-cifar10 takes them/,
  );
  model.dispose();
});
