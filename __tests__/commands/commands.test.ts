import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { command, temporaryFolder, writeIdxFolder } from '../support/fixtures';

const folder = temporaryFolder();
const data = join(folder, 'my digits');
const run = join(folder, 'run');

beforeAll(async () => {
  await writeIdxFolder(data, drawDigits({ seed: 3, train: 320, test: 50 }));
  const trained = await command(['train', 'lenet5', '--data', data, '--out', run, '--epochs', '2', '--json']);
  expect(trained).toMatchObject({ code: 0 });
  expect(JSON.parse(trained.stdout)).toMatchObject({
    run,
    network: 'lenet5',
    images: 50,
    epochs: 2,
    top5Error: null,
  });
});

it('evaluate finds what train reported, and prints one JSON object', async () => {
  const { code, stdout } = await command(['evaluate', run, '--json']);
  expect(code).toBe(0);
  const found = JSON.parse(stdout) as { error: number; interval95: number[] };
  const reported = JSON.parse(readFileSync(join(run, 'report.json'), 'utf8')) as { error: number };
  expect(found.error).toBe(reported.error);
  expect(found.interval95[0]).toBeLessThanOrEqual(found.error);
});

it('evaluate draws the error of what is left when the least sure answers are rejected, and says it', async () => {
  const curve = join(folder, 'curve.svg');
  const { code, stdout } = await command(['evaluate', run, '--rejection', curve]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^error of the others, the least sure answers rejected: .* with 1 %, .* with 10 %$/m,
  );
  expect(readFileSync(curve, 'utf8')).toContain(
    '<title>lenet5, my digits test: error of what is not rejected</title>',
  );
});

it('run.json holds the recipe after overrides, and log.jsonl each epoch', () => {
  const record = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as Record<string, unknown>;
  expect(record).toMatchObject({ network: 'lenet5', data, seed: 1, recipe: { epochs: 2, batchSize: 32 } });
  expect(Object.keys(record)).toEqual(expect.arrayContaining(['commit', 'command', 'machine', 'started']));
  const lines = readFileSync(join(run, 'log.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines).toMatchObject([
    { epoch: 0, step: 10 },
    { epoch: 1, step: 20 },
  ]);
});

it('describe prints the published counts as JSON', async () => {
  const { stdout } = await command(['describe', 'lenet5', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    name: 'lenet5',
    parameters: 60_000,
    auxiliaryParameters: 0,
    fixedParameters: 840,
    connections: 340_908,
    multiplyAdds: 328_096,
  });
});

it('bench measures training and inference', async () => {
  const { stdout } = await command([
    'bench',
    'lenet5',
    '--batch',
    '8',
    '--steps',
    '5',
    '--step',
    'eager',
    '--json',
  ]);
  const found = JSON.parse(stdout) as {
    training: { imagesPerSecond: number };
    inference: { imagesPerSecond: number };
  };
  expect(found).toMatchObject({ batch: 8, step: 'eager', precision: 'float32' });
  expect(found.training.imagesPerSecond).toBeGreaterThan(0);
  expect(found.inference.imagesPerSecond).toBeGreaterThan(0);
});

it('every command has its help', async () => {
  for (const name of ['start', 'train', 'evaluate', 'describe', 'bench', 'download', 'setup', 'doctor']) {
    const { code, stdout } = await command([name, '--help']);
    expect({ name, code }).toEqual({ name, code: 0 });
    expect(stdout).toContain(`npx cnn-lineage ${name}`);
  }
});

describe('a user’s mistake gets one line and code 2', () => {
  const damaged = join(folder, 'damaged');
  const cut = join(folder, 'cut');
  beforeAll(() => {
    mkdirSync(damaged);
    writeFileSync(join(damaged, 'run.json'), '{"network": ');
    mkdirSync(cut);
    writeFileSync(join(cut, 'run.json'), readFileSync(join(run, 'run.json')));
    writeFileSync(
      join(cut, 'last.safetensors'),
      readFileSync(join(run, 'last.safetensors')).subarray(0, 5000),
    );
  });

  it.each([
    ['no command', [], /expected a command/],
    ['an unknown command', ['trian'], /trian: expected a command.*did you mean train\?/],
    [
      'an unknown network',
      ['train', 'lenet9'],
      /expected one of 26 networks, found "lenet9".*did you mean lenet1 or lenet5\?/,
    ],
    ['no network', ['train'], /expected the name of a network or --resume RUN/],
    [
      'unknown data',
      ['train', 'lenet5', '--data', 'nmist'],
      /unknown data "nmist".*digits, mnist, fashion-mnist/,
    ],
    ['an unknown field', ['train', 'lenet5', '--data', 'digits', '--set', 'rate=1'], /unknown field rate/],
    ['a fraction of an epoch', ['train', 'lenet5', '--data', 'digits', '--epochs', '1.5'], /epochs: /],
    [
      'an unknown option',
      ['train', 'lenet5', '--epoch', '3'],
      /--epoch: expected an option of train.*did you mean --epochs\?/,
    ],
    [
      'a folder that holds a run',
      ['train', 'lenet5', '--data', data, '--out', run],
      /expected a new folder, found a run/,
    ],
    [
      'too many images held out',
      ['train', 'lenet5', '--data', data, '--out', join(folder, 'x'), '--validation', '320'],
      /expected fewer images than the 320/,
    ],
    ['no run', ['evaluate', folder], /found neither run\.json nor network\.json/],
    [
      'a curve that is to be no SVG file',
      ['evaluate', run, '--rejection', 'curve.png'],
      /--rejection: expected a file that ends in \.svg, found curve\.png/,
    ],
    ['a damaged record', ['evaluate', damaged], /expected a run's record as JSON, found a damaged file/],
    ['a checkpoint that was cut off', ['evaluate', cut], /last\.safetensors/],
    [
      'an option that is given twice',
      ['train', 'lenet5', '--batch', '3', '--batch', '4'],
      /--batch: expected it once, found it 2 times/,
    ],
    [
      'an unknown backend',
      ['describe', 'lenet5', '--backend', 'gpu'],
      /--backend: expected an option of describe/,
    ],
    [
      'a compiled step without native TensorFlow',
      ['bench', 'lenet5', '--backend', 'wasm', '--step', 'compiled'],
      /--step: expected backend tensorflow for a compiled step, found wasm/,
    ],
    [
      'bfloat16 op by op',
      [
        'train',
        'lenet5',
        '--data',
        data,
        '--out',
        join(folder, 'z'),
        '--step',
        'eager',
        '--precision',
        'bfloat16',
      ],
      /--precision: expected float32 for a step that is not compiled, found bfloat16/,
    ],
    [
      'grey images for a network that sees colours',
      ['train', 'alexnet', '--data', data, '--out', join(folder, 'w')],
      /expected a mean for each of 1 channels, found 3 values/,
    ],
    [
      'a wrong batch',
      ['bench', 'lenet5', '--batch', '0'],
      /--batch: expected a whole number of at least 1, found 0/,
    ],
    [
      'a loss that diverges',
      [
        'train',
        'lenet1',
        '--data',
        data,
        '--out',
        join(folder, 'y'),
        '--set',
        'loss={"kind":"squaredError","on":1e30,"off":0}',
      ],
      /expected a finite loss, found Infinity at step 1 \(epoch 0, rate 0\.005\)/,
    ],
  ])('%s', async (_, words, message) => {
    const { code, stdout, stderr } = await command(words);
    const said = stderr.trimEnd().split('\n');
    expect(said.at(-1)).toMatch(/^cnn-lineage: /);
    expect(said.at(-1)).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});
