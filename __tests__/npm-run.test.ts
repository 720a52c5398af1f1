import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { drawDigits } from '../src/data/digits';
import { plainEnvironment, until } from './checkout';
import { ended, temporaryFolder, writeIdxFolder, type Ended } from './fixtures';

const root = resolve(__dirname, '..');
const folder = temporaryFolder();
const data = join(folder, 'my digits');
const cache = join(folder, 'packed'); // which npm makes its own

beforeAll(() => writeIdxFolder(data, drawDigits({ seed: 3, train: 320, test: 50 })));

/** The real npm, as a user calls it in a clone. */
function npm(
  words: readonly string[],
  { cwd = root, environment = {} }: { readonly cwd?: string; readonly environment?: NodeJS.ProcessEnv } = {},
): ChildProcess {
  return spawn('npm', words, {
    cwd,
    env: plainEnvironment({ INIT_CWD: undefined, ...environment }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const refusal = ({ stderr }: Ended) => /^cnn-lineage: .*$/m.exec(stderr)?.[0];

it('refuses options that npm keeps for itself, with the form that reaches the command', async () => {
  const cases = [
    ['train lenet5 --data=DIR --epochs=3', 'npm run train -- lenet5 --data DIR --epochs 3'],
    ['train lenet5 --data DIR', 'npm run train -- lenet5 --data DIR'],
    ['describe lenet5 --json', 'npm run describe -- lenet5 --json'],
    [`evaluate RUN --cache ${cache} --top=3`, `npm run evaluate -- RUN --cache ${cache} --top 3`],
    ['train lenet5 --dat=DIR --epoch 1', 'npm run train -- lenet5 --data DIR --epochs 1'],
    ['train lenet5 --bacth=2 -- --epochs 1', 'npm run train -- lenet5 --batch 2 --epochs 1'],
    ['train lenet5 --foo=1', 'npm run train -- lenet5 …'],
    ['train lenet5 --epochs=1 --resume', 'npm run train -- lenet5 --resume … --epochs 1'],
    ['train --resume RUN', 'npm run train -- --resume RUN'],
    ['describe lenet5 --batch=', 'npm run describe -- lenet5 --batch …'],
    ['export RUN --format=keras --out=m', 'npm run export -- RUN --out m --format keras'], // npm expands --format
  ] as const;
  for (const [words, form] of cases) {
    const found = await ended(npm(['run', ...words.split(' ')]));
    expect(found.code).toBe(2);
    expect(refusal(found)).toContain(`found there: ${form}`);
    expect(refusal(found)!.endsWith(form)).toBe(true);
  }
});

it('leaves out the words of another package’s script, which npm adds by itself', async () => {
  const package_ = join(folder, 'package');
  mkdirSync(package_);
  const program = ['node_modules/.bin/tsx', 'scripts/cnn-lineage.ts'].map((file) => join(root, file));
  const scripts = { learn: `${program.join(' ')} train --epochs 5 --out 'a b'` };
  writeFileSync(join(package_, 'package.json'), JSON.stringify({ scripts }));
  const found = await ended(npm(['run', 'learn', 'lenet5', '--data=DIR'], { cwd: package_ }));
  expect(refusal(found)).toMatch(/: npm run learn -- lenet5 --data DIR$/);
});

const settings = join(folder, 'npmrc');
const written = ['; batch', 'json = true', 'batch=4 # four', 'svg="/x y"', 'top[]=1', 'top[]=2', 'data=null'];
beforeAll(() => writeFileSync(settings, [...written, 'Workers=$' + '{HOME}/x', 'epochs', ''].join('\n')));

it('raises no alarm for settings that npm has from a file or from the environment, nor for npm’s own options', async () => {
  const own = ['--if-present', '--no-audit', '--workspaces=false', '--foreground-scripts'];
  for (const [environment, options] of [
    [{ npm_config_userconfig: settings }, []],
    [{ npm_config_json: 'true', npm_config_foo: 'bar', NPM_CONFIG_BATCH: '4' }, own],
  ] as const) {
    const words = ['run', '-s', ...options, 'describe', '--', 'lenet5'];
    const { code, stdout } = await ended(npm(words, { environment }));
    expect({ code, begins: stdout.slice(0, 7) }).toEqual({ code: 0, begins: 'lenet5:' });
  }
});

it('tells an option from a setting of the same name', async () => {
  const environment = { npm_config_userconfig: settings };
  const found = await ended(npm(['run', '-s', 'describe', 'lenet5', '--batch=5'], { environment }));
  expect(refusal(found)).toMatch(/^cnn-lineage: --batch: .*: npm run describe -- lenet5 --batch 5$/);
  const { stderr } = await ended(npm(['run', '-s', 'describe', '--', 'lenet5'], { environment }));
  expect(stderr).toContain('svg, batch are settings of npm’s, not heeded here');
});

it('takes paths from where npm was called', async () => {
  const elsewhere = join(folder, 'else where');
  mkdirSync(elsewhere);
  const words = ['--prefix', root, 'run', '-s', 'describe', '--', 'lenet5', '--svg', 'here.svg'];
  expect(await ended(npm(words, { cwd: elsewhere }))).toMatchObject({ code: 0 });
  expect(readFileSync(join(elsewhere, 'here.svg'), 'utf8')).toContain('<title>lenet5: 60,000 parameters');
});

it('saves and ends when npm is ended, and prints a command that goes on', async () => {
  const said = await Promise.all(
    (['SIGTERM', 'SIGHUP', 'SIGKILL'] as const).map(async (signal) => {
      const run = join(folder, `ended by ${signal}`);
      const options = ['--data', data, '--out', run, '--epochs', '6', '--batch', '2', '--backend', 'wasm'];
      const child = npm(['run', '-s', 'train', '--', 'lenet5', ...options]);
      const end = ended(child); // once all that was started has closed its outputs
      await until(() => existsSync(join(run, 'log.jsonl')));
      child.kill(signal);
      const { stderr } = await end;
      expect(existsSync(join(run, 'last.safetensors'))).toBe(true);
      expect(existsSync(join(run, '.training.lock'))).toBe(false);
      return stderr;
    }),
  );
  const [, again] = /go on with: (.*)$/m.exec(said[2]!)!;
  expect(again).toMatch(/^npm run train -- --resume '.*ended by SIGKILL'$/);
  const shell = spawn('sh', ['-c', again!], { cwd: root, env: plainEnvironment({}), stdio: 'pipe' });
  expect(await ended(shell)).toMatchObject({ code: 0 });
  expect(existsSync(join(folder, 'ended by SIGKILL', 'report.json'))).toBe(true);
});
