import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawKind, type Kind } from '../support/images/drawn-kinds';
import { command, ended, startCommand, temporaryFolder } from '../support/fixtures';

const temporary = temporaryFolder();
const photos = join(temporary, 'photos');
const start = join(temporary, 'start');
const tuned = join(temporary, 'tuned');

async function draw(folder: string, counts: Readonly<Partial<Record<Kind, number>>>): Promise<void> {
  for (const [kind, count] of Object.entries(counts)) await drawKind(join(folder, kind), kind as Kind, count);
}

interface Report {
  readonly images: number;
  readonly error: number;
  readonly confusion: readonly (readonly number[])[];
  readonly perClass: readonly { readonly label: string; readonly images: number }[];
}

/** Runs a command that has to end well, and reads its one JSON object. */
async function result<T>(...words: string[]): Promise<T> {
  const { code, stdout, stderr } = await command([...words, '--json']);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

/** Runs a command that has to refuse what it is asked, in one line. */
async function refusal(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await command(words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  const lines = stderr.trim().split('\n');
  expect(lines.at(-1)).toMatch(/^cnn-lineage: /);
  expect(stderr).not.toMatch(/\n\s+at /);
  return lines.at(-1)!;
}

beforeAll(async () => {
  await draw(photos, { bright: 40, dark: 40, striped: 20 });
  await result('train', 'lenet5-modern', '--data', 'digits', '--epochs', '1', '--out', start);
}, 120_000);

interface Line {
  readonly weightDecay?: number;
  readonly validationError?: number;
}

describe('finetune', () => {
  it('teaches a trained network the classes of a folder, and leaves a model folder', async () => {
    const report = await result<Report>(
      'finetune',
      'lenet5-modern',
      '--weights',
      start,
      '--data',
      photos,
      '--out',
      tuned,
    );
    // 15 % of each class.
    expect(report.perClass.map(({ label, images }) => [label, images])).toEqual([
      ['bright', 6],
      ['dark', 6],
      ['striped', 3],
    ]);
    expect(report.error).toBe(0);
    const lines = readFileSync(join(tuned, 'log.jsonl'), 'utf8').trim().split('\n');
    const decays = lines.map((line) => (JSON.parse(line) as Line).weightDecay!);
    expect(decays).toEqual([...decays].sort((one, other) => other - one)); // from the strongest on
    expect(decays).toContain((report as Report & { solved: { weightDecay: number } }).solved.weightDecay);
    const record = JSON.parse(readFileSync(join(tuned, 'network.json'), 'utf8')) as {
      readonly labels: string[];
      readonly source: { readonly kind: string; readonly frozen: string[] };
    };
    expect(record.labels).toEqual(['bright', 'dark', 'striped']);
    expect(record.source).toMatchObject({ kind: 'fineTuned', data: photos });
    expect(record.source.frozen).not.toContain('output');
    // What the run that it starts from learned from can be told without its folder.
    const kept = readFileSync(join(tuned, 'started-from', 'run.json'));
    expect(kept).toEqual(readFileSync(join(start, 'run.json')));
  }, 60_000);

  it('makes a model that evaluate finds as good as the report says, on the same images', async () => {
    const again = await result<Report>('evaluate', tuned);
    const report = JSON.parse(readFileSync(join(tuned, 'report.json'), 'utf8')) as Report;
    expect(again.confusion).toEqual(report.confusion);
    expect(existsSync(join(tuned, 'mistakes.png'))).toBe(report.error > 0);
  }, 60_000);

  it('makes a model that classify takes: files, folders and patterns, with names and probabilities', async () => {
    const asked = [join(photos, 'dark', '01.png'), join(photos, 'striped'), join(photos, 'bright', '0*.png')];
    const found = await result<
      { file: string; predictions: { label: string; index: number; probability: number }[] }[]
    >('classify', ...asked, '--model', tuned, '--top', '2');
    expect(found.length).toBe(1 + 20 + 10);
    const right = found.filter(({ file, predictions }) => file.includes(`/${predictions[0]!.label}/`));
    expect(right.length).toBeGreaterThan(28);
    for (const { predictions } of found) {
      expect(predictions.length).toBe(2);
      expect(predictions[0]!.probability).toBeGreaterThanOrEqual(predictions[1]!.probability);
      expect(['bright', 'dark', 'striped'][predictions[0]!.index]).toBe(predictions[0]!.label);
    }
  }, 60_000);

  it('trains all layers where none is frozen, and says what it cannot do', async () => {
    const words = ['finetune', 'lenet5-modern', '--weights', start, '--data', photos];
    const whole = join(temporary, 'whole');
    const report = await result<Report>(...words, '--freeze', 'none', '--epochs', '2', '--out', whole);
    expect(report.images).toBe(15);
    expect(await refusal(...words, '--freeze', 'C9*')).toMatch(/expected layers like C9\*, found C1/);
    expect(await refusal(...words, '--freeze', 'output')).toMatch(/found output/);
    expect(await refusal(...words, '--validation-split', '2')).toMatch(/expected a share between 0 and 1/);
    expect(await refusal(...words, '--layer-rate', 'C1')).toMatch(/expected LAYERS=FACTOR/);
    expect(await refusal(...words, '--freeze', 'none', '--variants', '3')).toMatch(
      /--variants: expected frozen layers/,
    );
    expect(await refusal(...words, '--out', whole)).toMatch(/found a model in it/);
    expect(await refusal(...words, '--out', start)).toMatch(
      /found a run; resume it by .* finetune --resume .*start$/m,
    );
    expect(await refusal(...words, '--out', tuned)).toMatch(/found a model in it/);
    expect(await refusal('finetune', 'lenet5', '--weights', start, '--data', photos)).toMatch(
      /expected weights of lenet5, found those of lenet5-modern/,
    );
    expect(await refusal('finetune', 'lenet5-modern', '--data', photos)).toMatch(
      /expected NETWORK --weights/,
    );
    expect(await refusal('finetune', '--resume', whole)).toMatch(/found one that has ended/);
    expect(await refusal('classify', join(photos, 'dark', 'no.png'), '--model', tuned)).toMatch(
      /found no such file/,
    );
    expect(await refusal('evaluate', tuned, '--resize', '40')).toMatch(/expected --crops with it/);
  }, 180_000);

  it('several models together are evaluated on the mean of their probabilities', async () => {
    const found = await result<Report & { readonly protocol: string }>(
      'evaluate',
      tuned,
      join(temporary, 'whole'),
      '--top',
      '2',
    );
    expect(found).toMatchObject({
      images: 15,
      protocol: 'each image once, its middle; mean of 2 networks',
    });
    expect(found).toMatchObject({ topErrors: [{ k: 2 }] });
    expect(await refusal('evaluate', tuned, start)).toMatch(/expected 3 classes as .* has, found 10/);
  }, 60_000);

  it('killed while a head is solved, ends with the weights that it would have had, and learns from all images where asked', async () => {
    const words = ['finetune', 'lenet5-modern', '--weights', start, '--data', photos, '--with-validation'];
    const [whole, killed] = [join(temporary, 'solved'), join(temporary, 'solved and killed')];
    const report = await result<Report & { readonly solved: object }>(...words, '--out', whole);
    expect(report.solved).toMatchObject({ withValidation: true });
    const child = startCommand([...words, '--out', killed]);
    const end = ended(child);
    await until(() => existsSync(join(killed, 'log.jsonl')));
    child.kill('SIGKILL');
    await end;
    expect(existsSync(join(killed, 'network.json'))).toBe(false);
    expect(await refusal('finetune', '--resume', killed, '--method', 'descend')).toMatch(
      /--method descend belongs to the start of a run: leave it out when .* is resumed, which continues with its own, solve/,
    );
    await result('finetune', '--resume', killed);
    const weights = (folder: string) => readFileSync(join(folder, 'weights.safetensors'));
    expect(weights(killed)).toEqual(weights(whole));
    expect(weights(killed)).not.toEqual(weights(tuned)); // which did not learn from the validation images
    const log = (folder: string) => readFileSync(join(folder, 'log.jsonl'), 'utf8').split('\n').length;
    expect(log(killed)).toBe(log(whole));
  }, 120_000);

  it('killed, goes on and ends with the weights that it would have had', async () => {
    const words = [
      'finetune',
      'lenet5-modern',
      '--weights',
      start,
      '--data',
      photos,
      '--freeze',
      'C1',
      '--epochs',
      '40',
    ];
    const [whole, killed] = [join(temporary, 'uninterrupted'), join(temporary, 'killed')];
    await result(...words, '--out', whole);
    const child = startCommand([...words, '--out', killed]);
    const end = ended(child);
    const hasBegun = () => existsSync(join(killed, 'last.safetensors'));
    await until(hasBegun);
    child.kill('SIGKILL');
    await end;
    expect(existsSync(join(killed, 'network.json'))).toBe(false);
    expect(await refusal('classify', join(photos, 'dark'), '--model', killed)).toMatch(/finetune --resume/);
    await result('finetune', '--resume', killed, '--on-bad-image', 'skip');
    const { onBadImage } = JSON.parse(readFileSync(join(killed, 'run.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(onBadImage).toBe('skip');
    expect(readFileSync(join(killed, 'weights.safetensors'))).toEqual(
      readFileSync(join(whole, 'weights.safetensors')),
    );
  }, 180_000);
});

it('leaves bad images out where it is asked to, and names them', async () => {
  const folder = join(temporary, 'some bad');
  await draw(folder, { dark: 2 });
  writeFileSync(join(folder, 'dark', 'bad.png'), 'no image');
  const { code, stderr } = await command(['classify', folder, '--model', tuned]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/bad\.png/);
  const kept = await command(['classify', folder, '--model', tuned, '--on-bad-image', 'skip', '--json']);
  expect((JSON.parse(kept.stdout) as unknown[]).length).toBe(2);
  expect(kept.stderr).toMatch(/left out: .*bad\.png/);
  expect(readdirSync(join(folder, 'dark')).length).toBe(3);
  const bad = join(folder, 'dark', 'bad.png');
  const none = await command(['classify', bad, '--model', tuned, '--on-bad-image', 'skip', '--json']);
  expect(none).toMatchObject({ code: 2, stdout: '' });
  expect(none.stderr).toMatch(/classify: expected images that can be read, found none of 1/);
}, 90_000);

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('finetune --find-rate', () => {
  const out = join(temporary, 'rate');
  const asked = ['finetune', 'lenet5-modern', '--weights', start, '--data', photos, '--optimiser', 'adamw'];

  it('proposes a rate, draws its curve, prints the command with it, and leaves no run', async () => {
    const before = readFileSync(join(start, 'last.safetensors'));
    const words = [...asked, '--freeze', 'C1', '--batch', '8', '--find-rate', '--out', out];
    const { code, stdout, stderr } = await command(words);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const numbers = JSON.parse(readFileSync(join(out, 'rate.json'), 'utf8')) as {
      readonly rate: number;
      readonly optimiser: string;
      readonly points: readonly { readonly rate: number; readonly smoothed: number }[];
    };
    expect(readdirSync(out).toSorted()).toEqual(['rate.json', 'rate.svg']);
    expect(readFileSync(join(out, 'rate.svg'), 'utf8')).toMatch(
      /^<\?xml[^]*lenet5-modern on [^]*adamw[^]*<\/svg>\s*$/,
    );
    expect(numbers.optimiser).toBe('adamw');
    const least = numbers.points.toSorted((a, b) => a.smoothed - b.smoothed)[0]!;
    expect(numbers.rate / (least.rate / 10)).toBeCloseTo(1, 1);
    const [first, second, third] = stdout.trim().split('\n').slice(-3);
    expect(first).toMatch(/^rate |still falling/);
    expect(stdout).toContain(`rate ${numbers.rate}: a tenth of `);
    expect(second).toBe(`the curve: ${join(out, 'rate.svg')}`);
    const told = words.filter((word) => word !== '--find-rate').slice(1);
    expect(third).toMatch(new RegExp(`^fine-tune: .* finetune ${told.join(' ')} --rate ${numbers.rate}$`));
    expect(readFileSync(join(start, 'last.safetensors'))).toEqual(before);
    // The command that was printed begins a run, also in the folder of the curve.
    await result(
      ...asked,
      '--freeze',
      'C1',
      '--batch',
      '8',
      '--out',
      out,
      '--rate',
      String(numbers.rate),
      '--epochs',
      '2',
      '--patience',
      '1',
    );
    expect(readdirSync(out)).toEqual(expect.arrayContaining(['rate.svg', 'run.json', 'report.json']));
  }, 120_000);

  it('refuses what leaves no rate to look for, before there is a folder', async () => {
    const none = join(temporary, 'no-rate');
    const words = [...asked, '--find-rate', '--out', none];
    expect(await refusal(...words, '--rate', '0.1')).toMatch(
      /--find-rate: expected a fine-tuning that is to begin, without a rate, found --rate$/,
    );
    expect(await refusal('finetune', '--resume', tuned, '--find-rate')).toMatch(/found --resume$/);
    expect(await refusal(...words, '--method', 'solve')).toMatch(
      /--method solve: expected a head that learns batch by batch, to find its rate/,
    );
    expect(await refusal(...words, '--set', 'schedule={"kind":"constant","rate":1}')).toMatch(
      /--set schedule=.*: expected no schedule where its rate is looked for, found one$/,
    );
    expect(await refusal(...words, '--epochs', '3', '--patience', '4')).toMatch(/--patience: expected fewer/);
    expect(existsSync(none)).toBe(false);
  }, 60_000);
});
