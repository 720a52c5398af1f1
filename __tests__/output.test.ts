import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { drawDigits } from '../src/data/digits';
import { shellWords } from '../src/shell-words';
import { ended, startCommand, temporaryFolder, writeIdxFolder } from './fixtures';

const root = resolve(__dirname, '..');
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

/** What a terminal of so many columns is sent while a network is trained. */
function onTerminal(columns: number, environment: NodeJS.ProcessEnv): string {
  const run = join(folder, `run-${columns}-${Object.values(environment).join('')}`);
  const words = ['train', 'lenet5', '--data', join(folder, 'digits'), '--out', run, '--backend', 'wasm'];
  const line = `stty cols ${columns}; exec ${shellWords([...program, ...words, '--epochs', '1', '--batch', '2'])}`;
  const env = { ...process.env, CI: undefined, TERM: 'xterm', ...environment };
  return spawnSync('script', ['-qec', line, '/dev/null'], { cwd: root, env, encoding: 'utf8' }).stdout;
}

const testOnTerminal = spawnSync('script', ['--version']).status === 0 ? it : it.skip;

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
    expect(onTerminal(40, { TERM: 'dumb' })).not.toContain('\r' + 'epoch 1/1 ');
  },
  180_000,
);
