import { cpSync, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { drawDigits } from '../src/data/digits';
import type { SearchFound } from '../scripts/search';
import type { Summary } from '../scripts/reproduction-summary';
import { command, ended, startCommand, temporaryFolder, writeIdxFolder } from './fixtures';

const folder = temporaryFolder();
const data = join(folder, 'data');
const trial = ['reproduce', 'lenet5', '--data', data, '--seeds', '1', '2', '--epochs', '2', '--json'];

beforeAll(async () => writeIdxFolder(data, drawDigits({ seed: 3, train: 300, test: 80 })));

const read = <T>(...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8')) as T;

function isShareOf(images: number, share: number): boolean {
  return Math.abs(share * images - Math.round(share * images)) < 1e-9;
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
    const child = startCommand([...trial, '--out', killed]);
    const end = ended(child);
    const begun = () => existsSync(join(killed, 'seed-2', 'log.jsonl'));
    while (!begun() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill('SIGKILL');
    expect(await end).toMatchObject({ signal: 'SIGKILL' });
    expect(existsSync(join(killed, 'summary.json'))).toBe(false);
    const first = join(killed, 'seed-1', 'report.json');
    const written = statSync(first).mtimeMs;

    const { code, stdout, stderr } = await command([...trial, '--out', killed]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).not.toContain(join(killed, 'seed-1'));
    expect(statSync(first).mtimeMs).toBe(written);
    const { mean, errors } = JSON.parse(stdout) as Summary;
    expect({ mean, errors }).toEqual({ mean: printed.mean, errors: printed.errors });
  }, 120_000);

  it('refuses runs that were begun otherwise', async () => {
    const other = join(folder, 'other');
    cpSync(join(whole, 'seed-1', 'run.json'), join(other, 'seed-1', 'run.json'));
    const longer = [...trial.slice(0, trial.indexOf('--epochs')), '--epochs', '5', '--out', other];
    const { code, stderr } = await command(longer);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /seed-1: expected a run of this experiment as it is now, found one begun otherwise/,
    );
  });
});

it('searches among candidates on images held out, and writes what it found', async () => {
  const out = join(folder, 'search');
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
    out,
  ];
  const { code, stdout, stderr } = await command([...words, '--json']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const found = read<SearchFound>(out, 'search.json');
  expect(found).toEqual(JSON.parse(stdout));
  expect(found.validationImages).toBe(60); // a fifth, where the experiment's number is too many
  for (const { errors, mean } of found.candidates) {
    expect(errors.length).toBe(1);
    expect(mean).toBe(errors[0]);
    expect(isShareOf(60, mean)).toBe(true);
  }
  expect(Math.min(...found.candidates.map(({ mean }) => mean))).toBe(
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
  const unknown = await command(['reproduce', 'lenet6']);
  expect(unknown).toMatchObject({ code: 2 });
  expect(unknown.stderr).toMatch(/lenet5/);
});
