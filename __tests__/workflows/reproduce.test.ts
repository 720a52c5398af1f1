import { spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawDigits } from '../../src/data/formats/digits/digits';
import type { SearchFound } from '../../src/workflows/reproduce/search';
import type { Summary } from '../../src/workflows/reproduce/summary';
import type { RunRecord } from '../../src/train/run/run-record';
import {
  command,
  ended,
  keptJson,
  rewriteKept,
  startCommand,
  temporaryFolder,
  writeIdxFolder,
} from '../support/fixtures';
import { projectRoot } from '../support/places';

const folder = temporaryFolder();
const data = join(folder, 'data');
const trial = ['reproduce', 'lenet5', '--data', data, '--seeds', '1', '2', '--epochs', '2', '--json'];

beforeAll(async () => writeIdxFolder(data, drawDigits({ seed: 3, train: 300, test: 80 })));

const read = <T>(...path: string[]) => keptJson<T>(join(...path));

function isShareOf(images: number, share: number): boolean {
  return Math.abs(share * images - Math.round(share * images)) < 1e-9;
}

/** Kills a trial as soon as the log of a seed is begun. */
async function killTrial(out: string, seed: string): Promise<void> {
  const child = startCommand([...trial, '--out', out]);
  const end = ended(child);
  const begun = () => existsSync(join(out, seed, 'log.jsonl'));
  while (!begun() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 10));
  child.kill('SIGKILL');
  expect(await end).toMatchObject({ signal: 'SIGKILL' });
}

interface Report {
  readonly seed: number;
  readonly confusion: readonly (readonly number[])[];
  readonly trainingSeconds: number;
}

describe('an experiment', () => {
  const whole = join(folder, 'whole');
  let printed: Summary;

  beforeAll(async () => {
    const { code, stdout, stderr } = await command([...trial, '--out', whole]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    printed = JSON.parse(stdout) as Summary;
  }, 120_000);

  it('sums its seeds up in summary.json as their confusions say', () => {
    const summary = read<Summary>(whole, 'summary.json');
    expect(summary).toEqual(printed);
    const shares = [1, 2].map((seed) => {
      const report = read<Report>(whole, `seed-${seed}`, 'report.json');
      expect(report.seed).toBe(seed);
      const right = report.confusion.reduce((sum, row, label) => sum + row[label]!, 0);
      return (80 - right) / 80;
    });
    const mean = (shares[0]! + shares[1]!) / 2;
    expect(summary).toMatchObject({ experiment: 'lenet5', seeds: [1, 2], errors: shares, epochs: 2 });
    expect(summary.mean).toBeCloseTo(mean, 12);
    expect(summary.best).toBe(Math.min(...shares));
    const asked = [...trial.slice(1, -1), '--out', whole].join(' ');
    expect(summary).toMatchObject({ paper: 0.0095, command: `npm run reproduce -- ${asked}` });
    expect(summary.device).toMatch(/\d cores, (tensorflow|wasm|cpu)/);
  });

  it('logs the errors on training and test set after each pass, and the last are the report’s', () => {
    for (const seed of printed.seeds) {
      const lines = readFileSync(join(whole, `seed-${seed}`, 'log.jsonl'), 'utf8')
        .trim()
        .split('\n');
      const passes = lines
        .map((line) => JSON.parse(line) as { errors?: { training: number; test: number } })
        .flatMap(({ errors }) => errors ?? []);
      expect(passes.length).toBe(2);
      expect(passes[1]!.test).toBe(printed.errors[seed - 1]);
      for (const { training } of passes) expect(isShareOf(300, training)).toBe(true);
    }
  });

  it('draws its figures', () => {
    for (const file of ['passes.svg', 'rejection.svg', 'mistakes.svg'])
      expect(readFileSync(join(whole, file), 'utf8')).toMatch(/^<\?xml[^]*<\/svg>\n$/);
    expect(readFileSync(join(whole, 'mistakes.png')).subarray(1, 4).toString()).toBe('PNG');
    const { rejectedForError } = read<{ rejectedForError: Record<string, number> }>(whole, 'rejection.json');
    expect(Object.keys(rejectedForError)).toEqual(['0.005', '0.01']);
  });

  it('goes on after it was killed, keeps the seeds that were done, and comes to the same figures', async () => {
    const killed = join(folder, 'killed');
    await killTrial(killed, 'seed-2');
    expect(existsSync(join(killed, 'summary.json'))).toBe(false);
    const first = join(killed, 'seed-1', 'report.json');
    const written = statSync(first).mtimeMs;

    const { code, stdout, stderr } = await command([...trial, '--out', killed]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain(`seed 1 is done already, in ${join(killed, 'seed-1')}\n`);
    expect(stderr).not.toMatch(/(training|resuming) .*seed-1/);
    expect(statSync(first).mtimeMs).toBe(written);
    const { mean, errors } = JSON.parse(stdout) as Summary;
    expect({ mean, errors }).toEqual({ mean: printed.mean, errors: printed.errors });
  }, 120_000);

  it('trains anew what was published without weights, and keeps the record until the new one is whole', async () => {
    const clone = join(folder, 'clone');
    cpSync(join(whole, 'seed-1'), join(clone, 'seed-1'), { recursive: true });
    rmSync(join(clone, 'seed-1', 'last.safetensors'));
    const published = readFileSync(join(clone, 'seed-1', 'report.json'), 'utf8').replace(
      /"error": [\d.]+/,
      '"error": 0.75',
    );
    writeFileSync(join(clone, 'seed-1', 'report.json'), published);
    // Seed 2 as a death leaves it that strikes between the end of the training and the exchange.
    cpSync(join(whole, 'seed-2'), join(clone, 'seed-2-anew'), { recursive: true });
    rmSync(join(clone, 'seed-2-anew', 'report.json'));
    cpSync(join(whole, 'seed-2', 'report.json'), join(clone, 'seed-2', 'report.json'));

    await killTrial(clone, 'seed-1-anew');
    expect(readFileSync(join(clone, 'seed-1', 'report.json'), 'utf8')).toBe(published);

    const { code, stdout, stderr } = await command([...trial, '--out', clone]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain(`seed 1: the record in ${join(clone, 'seed-1')} is being replaced`);
    expect(stderr).toContain(`resuming ${join(clone, 'seed-1-anew')}\n`);
    expect((JSON.parse(stdout) as Summary).errors).toEqual(printed.errors);
    const started = (of: string, seed: number) => read<RunRecord>(of, `seed-${seed}`, 'run.json').started;
    expect(Date.parse(started(clone, 1))).toBeGreaterThan(Date.parse(started(whole, 2)));
    expect(started(clone, 2)).toBe(started(whole, 2));
    expect(read<{ run: string }>(clone, 'seed-1', 'report.json').run).toBe(join(clone, 'seed-1'));
    const log = readFileSync(join(clone, 'seed-1', 'log.jsonl'), 'utf8');
    expect(log.match(/"meanLoss"/g)).toHaveLength(2);
    expect(existsSync(join(clone, 'seed-1', 'last.safetensors'))).toBe(true);
    expect(readdirSync(clone).filter((name) => name.startsWith('seed-'))).toEqual(['seed-1', 'seed-2']);
  }, 120_000);

  it.each([
    [
      'another recipe',
      /seed-1: expected a run of this experiment as it is now, found one with other settings/,
    ],
    ['no run.json', /seed-1: expected a run's folder, found no run\.json in it/],
  ])('refuses a report of %s, with weights and without', async (what, refusal) => {
    const mixed = join(folder, what.replaceAll(' ', '-'));
    cpSync(whole, mixed, { recursive: true });
    const record = join(mixed, 'seed-1', 'run.json');
    const { recipe, ...rest } = read<RunRecord>(record);
    if (what === 'no run.json') rmSync(record);
    else rewriteKept(record, () => JSON.stringify({ ...rest, recipe: { ...recipe, weightDecay: 0.25 } }));
    for (const weights of [true, false]) {
      if (!weights) rmSync(join(mixed, 'seed-1', 'last.safetensors'));
      const { code, stderr } = await command([...trial, '--out', mixed]);
      expect(code).toBe(2);
      expect(stderr).toMatch(refusal);
    }
    expect(read<Summary>(mixed, 'summary.json')).toEqual(printed);
    expect(existsSync(join(mixed, 'seed-1', 'report.json'))).toBe(true);
  });

  it('refuses runs that were begun otherwise', async () => {
    const other = join(folder, 'other');
    cpSync(join(whole, 'seed-1', 'run.json'), join(other, 'seed-1', 'run.json'));
    const longer = [...trial.slice(0, trial.indexOf('--epochs')), '--epochs', '5', '--out', other];
    const { code, stderr } = await command(longer);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /seed-1: expected a run of this experiment as it is now, found one with other settings/,
    );
  });
});

/** Runs a command to its end in another working directory. */
function commandIn(cwd: string, words: readonly string[]) {
  const root = projectRoot;
  const source = ['--import', require.resolve('tsx'), join(root, 'scripts', 'cnn-lineage.ts')];
  return ended(spawn(process.execPath, [...source, ...words], { cwd, stdio: ['ignore', 'pipe', 'pipe'] }));
}

it('searches among candidates on images held out, and writes what it found', async () => {
  const trialFolder = 'results-trial'; // not in results/, though it begins so
  const out = join(folder, trialFolder);
  const words = [
    'reproduce',
    'lenet5',
    '--search',
    '--data',
    data,
    '--seeds',
    '1',
    '--epochs',
    '1',
    '--out',
    trialFolder,
  ];
  const { code, stdout, stderr } = await commandIn(folder, [...words, '--json']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const found = read<SearchFound>(out, 'search.json');
  expect(found).toEqual(JSON.parse(stdout));
  expect(found.validationImages).toBe(60); // a fifth, where the experiment's number is too many
  for (const { errors, mean } of found.candidates) {
    expect(errors.length).toBe(1);
    expect(mean).toBe(errors[0]);
    expect(isShareOf(60, mean!)).toBe(true);
  }
  expect(Math.min(...found.candidates.map(({ mean }) => mean!))).toBe(
    found.candidates.find(({ name }) => name === found.best)!.mean,
  );
  const runs = readdirSync(out).filter((name) => statSync(join(out, name)).isDirectory());
  expect(runs.length).toBe(found.candidates.length);
  for (const run of runs) expect(existsSync(join(out, run, 'seed-1', 'report.json'))).toBe(false);
}, 120_000);

it('keeps trials out of results/, and knows its experiments', async () => {
  const inside = await command(['reproduce', 'lenet5', '--epochs', '1', '--out', 'results/lenet5']);
  expect(inside).toMatchObject({ code: 2 });
  expect(inside.stderr).toMatch(/--out: expected a folder outside results\//);
  const none = await command(['reproduce', 'lenet5', '--json', '--seeds']);
  expect(none).toMatchObject({ code: 2, stdout: '' });
  expect(none.stderr).toMatch(/^cnn-lineage: Not enough arguments following: seeds;.*\n$/);
  const unknown = await command(['reproduce', 'lenet6']);
  expect(unknown).toMatchObject({ code: 2 });
  expect(unknown.stderr).toMatch(/lenet5/);
});
