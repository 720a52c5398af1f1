import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { drawDigits } from '../../src/data/formats/digits/digits';
import {
  command,
  ended,
  rewriteKept,
  startCommand,
  temporaryFolder,
  writeIdxFolder,
} from '../support/fixtures';
import { projectRoot } from '../support/places';

const folder = temporaryFolder();
const original = resolve(projectRoot, 'results', 'lenet5-mnist-compiled');

/** A copy of a run on file, with one of its files changed. */
function copyOf(name: string, file?: string, change?: (text: string) => string): string {
  const copy = join(folder, name);
  cpSync(original, copy, { recursive: true });
  if (file !== undefined)
    writeFileSync(join(copy, file), change!(readFileSync(join(original, file), 'utf8')));
  return copy;
}

const withField = (field: string, value: unknown) => (text: string) =>
  JSON.stringify({ ...(JSON.parse(text) as object), [field]: value });

interface Compared {
  readonly rows: readonly { readonly run: string; readonly error: number }[];
}

it('names what is damaged in a line each, and shows the other runs', async () => {
  const sound = copyOf('sound');
  const file = join(folder, 'a-file');
  writeFileSync(file, 'text');
  const damaged = [
    [copyOf('types', 'report.json', withField('error', 'low')), 'report.json: expected a report', 'error'],
    [
      copyOf('no-interval', 'report.json', withField('interval95', [1])),
      'report.json: expected a report',
      'interval95',
    ],
    [
      copyOf('unknown', 'report.json', withField('network', 'lenet6')),
      'report.json: expected a network',
      'lenet6',
    ],
    [copyOf('run', 'run.json', withField('network', 6)), "run.json: expected a run's record", 'network'],
    [copyOf('other', 'run.json', withField('network', 'lenet6')), 'run.json: expected a network', 'lenet6'],
    [
      copyOf('cut', 'run.json', (text) => text.slice(0, 300)),
      "run.json: expected a run's record as JSON",
      'JSON',
    ],
    [copyOf('recipe', 'run.json', withField('recipe', { epochs: 2 })), 'run.json)', 'recipe'],
    [copyOf('summary', 'report.json', (text) => text), 'summary.json: expected the summary', 'mean'],
    [file, 'expected the folder of a run or a model', 'found a file'],
  ] as const;
  writeFileSync(join(folder, 'summary', 'summary.json'), '{"seeds":[1]}');
  const runs = [...damaged.slice(0, 4), [sound], ...damaged.slice(4)].map(([path]) => path);
  const { code, stdout, stderr } = await command(['compare', ...runs, '--json']);
  expect(code).toBe(2);
  expect((JSON.parse(stdout) as Compared).rows.map(({ run, error }) => ({ run, error }))).toEqual([
    { run: sound, error: 0.0094 },
  ]);
  const lines = stderr.trim().split('\n');
  expect(lines).toHaveLength(damaged.length);
  for (const [index, [path, expected, found]] of damaged.entries()) {
    const line = lines.find((one) => one.includes(path === file ? file : `${path}/`))!;
    expect({ index, line }).toEqual({ index, line: expect.stringContaining(expected) as string });
    expect(line).toContain(found);
  }
});

it('leaves a damaged line of a log out of the page, and says which', async () => {
  const run = copyOf('log', 'log.jsonl', (text) => text.replace('"meanLoss":', '"meanLoss":x'));
  const first = readFileSync(join(original, 'log.jsonl'), 'utf8').split('\n');
  const line = first.findIndex((one) => one.includes('meanLoss')) + 1;
  const { code, stderr } = await command(['compare', run, '--out', join(folder, 'page')]);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: `${join(run, 'log.jsonl')}: left out 1 damaged line, the first of them line ${line}\n`,
  });
});

it('shows the curves of a run that was moved, and not of another that lies where it was', async () => {
  const before = copyOf('before');
  const report = withField('run', before);
  const moved = copyOf('moved', 'report.json', report);
  const lossOf = (run: string) =>
    (
      JSON.parse(
        readFileSync(join(run, 'log.jsonl'), 'utf8')
          .split('\n')
          .find((line) => line.includes('meanLoss'))!,
      ) as { meanLoss: number }
    ).meanLoss;
  writeFileSync(
    join(before, 'log.jsonl'),
    readFileSync(join(original, 'log.jsonl'), 'utf8').replaceAll(/"meanLoss":[\d.]+/g, '"meanLoss":7.77'),
  );
  expect(lossOf(before)).toBe(7.77);
  const page = join(folder, 'moved-page');
  expect(await command(['compare', moved, '--out', page])).toMatchObject({ code: 0 });
  const html = readFileSync(join(page, 'compare.html'), 'utf8');
  expect(html).toContain(lossOf(moved).toPrecision(4));
  expect(html).not.toContain('7.770');
  expect((JSON.parse(readFileSync(join(page, 'compare.json'), 'utf8')) as Compared).rows[0]!.run).toBe(moved);
  rmSync(before, { recursive: true });
  expect(await command(['compare', moved, '--out', page])).toMatchObject({ code: 0 });
  expect(readFileSync(join(page, 'compare.html'), 'utf8')).toContain(lossOf(moved).toPrecision(4));
});

it('goes on with a run whose log has a damaged line, and refuses one of a network that it does not know', async () => {
  const data = join(folder, 'digits');
  mkdirSync(folder, { recursive: true });
  await writeIdxFolder(data, drawDigits({ seed: 3, train: 320, test: 50 }));
  const run = join(folder, 'underway');
  const child = startCommand([
    'train',
    'lenet5',
    '--data',
    data,
    '--out',
    run,
    '--epochs',
    '40',
    '--batch',
    '8',
  ]);
  child.stderr!.on('data', (text: Buffer) => /epoch 2\/40/.test(String(text)) && child.kill('SIGINT'));
  expect(await ended(child)).toMatchObject({ code: 130 });
  const log = join(run, 'log.jsonl');
  const lines = readFileSync(log, 'utf8').split('\n');
  writeFileSync(log, [lines[0]!.slice(0, 10), ...lines.slice(1)].join('\n'));
  const again = startCommand(['train', '--resume', run]);
  again.stderr!.on('data', (text: Buffer) => /epoch \d+\/40/.test(String(text)) && again.kill('SIGINT'));
  const { code, stderr } = await ended(again);
  expect({ code, stderr }).toEqual({
    code: 130,
    stderr: expect.stringContaining(`${log}: left out 1 damaged line`) as string,
  });

  const record = join(run, 'run.json');
  rewriteKept(record, withField('network', 'lenet6'));
  const refused = await command(['train', '--resume', run]);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toBe(
    `cnn-lineage: ${run}: expected a network of the zoo, found lenet6; did you mean lenet1 or lenet5?\n`,
  );
});
