/** What is known of a run's data and of the weights that it starts from, before it trains and after. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../models/registry';
import { evaluateFolder, type EvaluateFolderOptions } from '../../src/workflows/evaluate/evaluate-folder';
import { newRun, resumedRun } from '../../src/workflows/train/start-run';
import { finishRun } from '../../src/workflows/train/finish-run';
import { newFinetune } from '../../src/workflows/finetune/finetune-run';
import { useBackend } from '../../src/runtime/backend';
import { openRun } from '../../src/train/run/run-record';
import type { Context } from '../../src/workflows/context';
import { contextForTests, telling } from '../support/context';
import { drawKind } from '../support/images/drawn-kinds';
import { keptJson, refusal, temporaryFolder } from '../support/fixtures';
import { fixtures } from '../support/places';

const temporary = temporaryFolder();
const pets = join(temporary, 'pets');
const run = join(temporary, 'run');
const network = 'lenet5-modern';
let context: Context;
let noted = '';

const begun = (data: string, out: string, further: object = {}) =>
  newRun({ network, data, out, epochs: 1, batch: 4, validationSplit: 0.3, ...further }, context);

async function evaluated(models: string | readonly string[], further: EvaluateFolderOptions = {}) {
  noted = '';
  const onProgress = telling((line) => (noted += `${line}\n`));
  return (await evaluateFolder(zoo, models, { onProgress, ...further })).report;
}

beforeAll(async () => {
  await useBackend();
  context = await contextForTests();
  await drawKind(join(pets, 'cats'), 'dark', 10);
  await drawKind(join(pets, 'dogs'), 'bright', 10);
  await finishRun(await begun(pets, run), context);
}, 60_000);

it('a report that keeps no fingerprint is not replaced, though data set and number of images are the same', async () => {
  const older = join(temporary, 'older');
  cpSync(run, older, { recursive: true });
  const { fingerprint: _, ...report } = keptJson<Record<string, unknown>>(join(older, 'report.json'));
  const before = JSON.stringify(report);
  writeFileSync(join(older, 'report.json'), before);
  const reports = () =>
    readdirSync(older).filter((name) => name.startsWith('report') && name.endsWith('.json'));
  for (let time = 0; time < 2; time++) {
    await evaluated(older);
    expect(readFileSync(join(older, 'report.json'), 'utf8')).toBe(before);
    expect(reports()).toEqual([expect.stringMatching(/^report-[0-9a-f]{8}\.json$/), 'report.json']);
  }
});

/** A shard a part, whose samples' classes are given by index; images and their places are always the same. */
function packShards(folder: string, classOf: (kind: number, number: number) => number): string {
  mkdirSync(folder, { recursive: true });
  for (const [part, numbers] of [
    ['train', [0, 1, 2, 3, 4, 5]],
    ['test', [6, 7, 8, 9]],
  ] as const) {
    const inside = join(folder, 'unpacked');
    mkdirSync(inside);
    for (const [kind, name] of ['cats', 'dogs'].entries())
      for (const number of numbers) {
        const image = readdirSync(join(pets, name)).sort()[number]!;
        cpSync(join(pets, name, image), join(inside, `${kind}-${number}.png`));
        writeFileSync(join(inside, `${kind}-${number}.cls`), String(classOf(kind, number)));
      }
    const archive = join(folder, `${part}-0.tar`);
    execFileSync('tar', ['cf', archive, '-C', inside, ...readdirSync(inside).sort()]);
    rmSync(inside, { recursive: true });
  }
  return folder;
}

it('archives whose samples got other labels in their places are not those that the run began with', async () => {
  const shards = packShards(join(temporary, 'shards'), (kind) => kind);
  writeFileSync(join(shards, 'classes.txt'), 'cats\ndogs\n');
  const folder = join(temporary, 'of shards');
  await finishRun(await begun(shards, folder, { validationSplit: undefined }), context);
  const before = readFileSync(join(folder, 'report.json'), 'utf8');
  for (const [relabelled, which] of [
    [(kind: number, number: number) => (number === 7 ? 1 - kind : kind), '2 images'],
    [(kind: number, number: number) => (number === 1 ? 1 - kind : kind), '2 images'],
  ] as const) {
    packShards(shards, relabelled);
    const expected = `${shards}: expected its images to be of the classes that they were of when the run began, found ${which} of another (`;
    expect(await refusal(evaluated(folder))).toContain(expected);
    expect(await refusal(resumedRun(folder, await openRun(folder), {}, context))).toContain(expected);
  }
  expect(readFileSync(join(folder, 'report.json'), 'utf8')).toBe(before);
  packShards(shards, (kind) => kind);
  writeFileSync(join(shards, 'classes.txt'), 'cats\nwolves\n');
  await evaluated(folder);
  expect(noted).toContain('its classes are called otherwise now (wolves for dogs)');
  // Elsewhere, they are other data.
  const mended = packShards(join(temporary, 'mended'), (kind, number) => (number === 7 ? 1 - kind : kind));
  writeFileSync(join(mended, 'classes.txt'), 'cats\ndogs\n');
  expect(await evaluated(folder, { data: mended })).toMatchObject({ images: 8 });
  expect(readFileSync(join(folder, 'report.json'), 'utf8')).not.toContain('mended');
}, 60_000);

it('of an ensemble, the networks that have names say what the classes are, and those that have none are named', async () => {
  const [nameless, swapped] = [join(temporary, 'nameless'), join(temporary, 'swapped')];
  const tuned = join(temporary, 'tuned');
  cpSync(join(fixtures, 'older', 'tuned'), tuned, { recursive: true });
  const change = (folder: string, labels: readonly string[] | null) => {
    cpSync(tuned, folder, { recursive: true });
    rmSync(join(folder, 'run.json'));
    const path = join(folder, 'network.json');
    const record = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...record, labels, synsets: null }));
    return folder;
  };
  change(nameless, null);
  change(swapped, ['10', '0', '2']);
  const named = change(join(temporary, 'named'), ['0', '10', '2']);
  const data = join(fixtures, 'older', 'shades');
  const out = join(temporary, 'reports');
  mkdirSync(out);
  const ensemble = (...models: string[]) => evaluated(models, { data, out });
  const alone = await evaluated(named, { data, out });
  const { error, perClass, confusion } = await ensemble(nameless, named);
  expect({ error, confusion }).toEqual({ error: alone.error, confusion: alone.confusion });
  expect(perClass.map(({ label }) => label)).toEqual(['0', '10', '2']);
  expect(noted).toContain(`${nameless} has no names for its classes: they are taken in their order`);
  // Between named ones, the order is that of their names.
  const other = await ensemble(nameless, swapped, named);
  expect(other.perClass.map(({ label }) => label)).toEqual(['10', '0', '2']);
  const stranger = change(join(temporary, 'stranger'), ['0', '10', 'x']);
  await expect(ensemble(nameless, named, stranger)).rejects.toThrow(/stranger.*found 2|found 2.*stranger/);
}, 60_000);

it('a fine-tuning from a run of the same seed does not begin with the head that the run began with', async () => {
  const options = { network, weights: run, data: pets, seed: 1, out: join(temporary, 'finetune') } as const;
  const { whole } = await newFinetune({ ...options, epochs: 1, patience: undefined, set: [] }, context);
  const first = zoo[network].build({ classes: 2, input: zoo[network].recipe.input.shape, seed: 1 });
  for (const name of zoo[network].head) {
    const kernels = [whole, first].map((model) => [...model.getLayer(name).getWeights()[0]!.dataSync()]);
    const [now, before] = kernels as [number[], number[]];
    const product = (one: number[], other: number[]) => one.reduce((sum, value, at) => sum + value * other[at]!, 0);
    const cosine = product(now, before) / Math.sqrt(product(now, now) * product(before, before));
    expect(Math.abs(cosine)).toBeLessThan(0.3); // of 168 numbers drawn anew, 0.08 is usual
  }
  first.dispose();
}); // prettier-ignore

it('a class of which no image can be decoded is refused before any training, in whatever part', async () => {
  const data = join(temporary, 'damaged');
  for (const part of ['train', 'test']) cpSync(pets, join(data, part), { recursive: true });
  const spoil = (folder: string, numbers: readonly number[]) => {
    const files = readdirSync(folder).sort();
    for (const number of numbers) {
      const path = join(folder, files[number]!);
      const bytes = readFileSync(path);
      const at = bytes.indexOf('IDAT') + 6; // within the compressed pixels
      writeFileSync(path, bytes.fill(0xff, at, at + 8));
    }
  };
  const options = { validationSplit: undefined, onBadImage: 'skip' };
  spoil(join(data, 'test', 'cats'), [0, 1, 2]);
  await begun(data, join(temporary, 'some left'), options);
  const out = join(temporary, 'refused');
  await expect(begun(data, out, { validationSplit: undefined })).rejects.toThrow("onBadImage: 'skip' leaves such");
  spoil(join(data, 'test', 'cats'), [3, 4, 5, 6, 7, 8, 9]);
  expect(await refusal(begun(data, out, options))).toMatch(
    /test: expected images of each class that can be read, found none of cats \(10 unreadable; .*cats/,
  );
  expect(readdirSync(temporary)).not.toContain('refused');
}); // prettier-ignore

it('weights that cannot be started from are told of before the data is read', async () => {
  const damaged = join(temporary, 'damaged run');
  cpSync(run, damaged, { recursive: true });
  for (const name of readdirSync(damaged).filter((file) => file.endsWith('.safetensors')))
    truncateSync(join(damaged, name), 1000);
  const none = join(temporary, 'no data');
  for (const [weights, reason] of [
    [join(temporary, 'nothing'), /nothing: expected/],
    [damaged, /damaged run.*: expected the content whose SHA-256 it keeps, found other: damaged/],
  ] as const) {
    const out = join(temporary, 'not begun');
    expect(await refusal(begun(none, out, { startFrom: weights }))).toMatch(reason);
    expect(await refusal(newFinetune({ network, weights, data: none, out }, context))).toMatch(reason);
  }
});
