import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { shellWords } from '../../src/core/text/shell-words';
import { visibleJson, visibleLine } from '../../src/core/text/visible-text';
import { plainEnvironment } from '../support/checkout';
import { command, ended, startCommand, temporaryFolder, writeIdxFolder } from '../support/fixtures';
import { projectRoot } from '../support/places';

const root = projectRoot;
const folder = temporaryFolder();
const program = [process.execPath, '--import', 'tsx', 'scripts/cnn-lineage.ts'];

it('ends without a word, as other programs do, when its reader has had enough', async () => {
  const child = startCommand(['describe', 'googlenet', '--json']);
  child.stdout!.destroy();
  const { code, stderr } = await ended(child);
  expect({ code, stderr }).toEqual({ code: 141, stderr: '' });
});

it('is read whole by a slow reader, though more than a pipe holds', async () => {
  const name = `${'x'.repeat(100_000)}.png`;
  const line = `${shellWords([...program, 'describe', 'lenet5', '--svg', name])} 2>&1 | (sleep 2; cat)`;
  const shell = spawn('bash', ['-s'], { cwd: root });
  shell.stdin.end(line);
  const { stdout } = await ended(shell);
  expect(stdout.trimEnd()).toBe(`cnn-lineage: --svg: expected a file that ends in .svg, found ${name}`);
});

/** What a terminal obeys, by Unicode's categories: control characters, and those that turn the direction. */
const obeyed = /[\p{Cc}\p{Bidi_Control}]/u;

it('shows whatever a terminal would obey as an escape, in names that a data set and a command line give', async () => {
  const images = join(folder, 'images');
  for (const name of ['cat\u001B[2J', 'dog\u009B31m\nowl']) {
    mkdirSync(join(images, name), { recursive: true });
    for (const file of ['1\r.png', '2.png']) writeFileSync(join(images, name, file), 'no image');
  }
  const run = join(folder, 'run\u0007');
  const { code, stderr } = await command([
    'train',
    'lenet5',
    '--data',
    images,
    '--out',
    run,
    '--validation-split',
    '0.5',
  ]);
  expect(code).toBe(2);
  expect(stderr).toContain(String.raw`cat\x1b[2J`);
  expect(stderr).toContain(String.raw`dog\x9b31m\nowl`);
  expect(stderr.split('\n').filter((line) => obeyed.test(line))).toEqual([]);
});

it('keeps what texts and JSON say', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = visibleJson(JSON.stringify({ [text]: text }, null, 2));
      expect(JSON.parse(json)).toEqual({ [text]: text });
      expect(json.replaceAll('\n', '')).not.toMatch(obeyed);
      expect(visibleLine(text)).not.toMatch(obeyed);
    }),
  );
  expect(visibleLine('猫 ö 🐈 \\x1b')).toBe('猫 ö 🐈 \\x1b');
});

/** As npm would call a script of this package. */
const byNpm = (script: string) => ({
  npm_config_user_agent: 'npm/11.19.1 node/v20.20.2 linux x64',
  npm_package_json: join(root, 'package.json'),
  npm_lifecycle_event: script,
  npm_lifecycle_script: `tsx scripts/cnn-lineage.ts ${script}`,
});

const fromSources = (...words: readonly string[]) =>
  ended(spawn(program[0]!, [...program.slice(1), ...words], { cwd: root, env: plainEnvironment({}) }));

it('shows in its help what can be typed, examples on one line', async () => {
  const { stdout } = await command(['train', '--help'], byNpm('train'));
  const lines = stdout.split('\n');
  expect(lines[0]).toBe('npm run train -- [network]');
  expect(lines).toContain('  npm run train -- lenet5 --data mnist  # the paper’s experiment');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  const direct = (await fromSources('import', '--help')).stdout;
  const example = 'import bvlc_googlenet.caffemodel --network googlenet --out models/googlenet';
  expect(direct.split('\n')).toContain(`  npx tsx scripts/cnn-lineage.ts ${example}`);
});

it.each([
  ['finetune', 'resume', ['network', '--weights', '--data']],
  ['import', 'list', ['file', '--network', '--out']],
  ['train', 'resume', ['network']],
  ['describe', 'all', ['network']],
  ['bench', 'peers', ['network']],
])('marks in the help of %s what is required unless --%s is given', async (name, other, needed) => {
  const { stdout } = await command([name, '--help']);
  const options = stdout.split(/\n(?= {2}(?:--)?[a-z])/);
  const marked = options.filter((text) => text.includes(`[required unless --${other}]`));
  expect(marked.map((text) => text.trim().split(' ')[0])).toEqual(needed);
  expect(stdout).not.toMatch(/\S\[(?:boolean|string|number|array)\]|default: \[\]/);
});

it('says nothing of options where there is none', async () => {
  const { stderr } = await command(['doctor', 'x'], byNpm('doctor'));
  expect(stderr).toBe('cnn-lineage: doctor: expected no words, found x; --help shows what is expected\n');
});

it('tells its own version from within another package', async () => {
  writeFileSync(join(folder, 'package.json'), '{"name": "other", "version": "9.9.9"}');
  const words = [
    '--import',
    join(root, 'node_modules/tsx/dist/loader.mjs'),
    join(root, program.at(-1)!),
    '--version',
  ];
  const { stdout } = await ended(spawn(process.execPath, words, { cwd: folder, env: plainEnvironment({}) }));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(stdout).toBe(`${version}\n`);
});

/** What a terminal of so many columns is sent while a network is trained. */
function onTerminal(columns: number, environment: NodeJS.ProcessEnv): string {
  const run = join(folder, `run-${columns}-${Object.values(environment).join('')}`);
  const words = ['train', 'lenet5', '--data', join(folder, 'digits'), '--out', run, '--backend', 'wasm'];
  const line = `stty cols ${columns}; exec ${shellWords([...program, ...words, '--epochs', '1', '--batch', '2'])}`;
  const env = { ...process.env, CI: undefined, TERM: 'xterm', ...environment };
  return spawnSync('script', ['-qec', line, '/dev/null'], { cwd: root, env, encoding: 'utf8' }).stdout;
}

const testOnTerminal = spawnSync('script', ['--version']).status === 0 ? it : it.skip;

testOnTerminal.each([40, 120])('lays its help out for %i columns', (columns) => {
  const line = `stty cols ${columns}; exec ${shellWords([...program, 'finetune', '--help'])}`;
  const { stdout } = spawnSync('script', ['-qec', line, '/dev/null'], { cwd: root, encoding: 'utf8' });
  const [usage, ...rest] = stdout.replaceAll('\r', '').split('\n');
  const [text, examples] = rest.join('\n').split('Examples:\n');
  expect(usage).toBe('npx tsx scripts/cnn-lineage.ts finetune [network]');
  const widest = Math.max(...text!.split('\n').map((row) => row.length));
  expect(widest).toBeLessThanOrEqual(columns);
  expect(widest).toBeGreaterThan(0.9 * columns);
  const all = 'finetune googlenet --weights models/googlenet --data photos --freeze none';
  expect(examples!.split('\n').some((row) => row.includes(all))).toBe(true);
});

testOnTerminal(
  'writes a line over that fits the terminal, and none on a simple one',
  async () => {
    mkdirSync(folder, { recursive: true });
    await writeIdxFolder(join(folder, 'digits'), drawDigits({ seed: 3, train: 640, test: 50 }));
    const shown = onTerminal(40, {})
      .split('\r')
      .filter((text) => /^epoch 1\/1 .*loss/.test(text));
    expect(shown.length).toBeGreaterThan(1);

    const lengths = shown.map((text) => text.replaceAll(/\u001B\[K/g, '').length);
    expect(Math.max(...lengths)).toBeLessThan(40);
    expect(shown.join('')).not.toContain('\n');
    expect(shown.at(-1)).toMatch(/ left/);
    const plain = onTerminal(40, { TERM: 'dumb' });
    expect(plain).not.toContain('\r' + 'epoch 1/1 ');
    // As the README shows it.
    expect(plain.trimEnd().split(/\r?\n/).slice(-2)).toEqual([
      expect.stringMatching(/^error .* of 50 images/),
      expect.stringMatching(/^after 1 epoch; written to .*report\.json$/),
    ]);
  },
  180_000,
);
