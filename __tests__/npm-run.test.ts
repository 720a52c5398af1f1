import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
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
  ] as const;
  for (const [words, form] of cases) {
    const found = await ended(npm(['run', ...words.split(' ')]));
    expect(found.code).toBe(2);
    expect(refusal(found)).toContain(`found there: ${form}`);
    expect(refusal(found)!.endsWith(form)).toBe(true);
  }
});

it('raises no alarm for settings that npm has from a file or from the environment', async () => {
  const file = join(folder, 'npmrc');
  writeFileSync(file, 'json = true\nbatch=4\n');
  for (const environment of [{ npm_config_userconfig: file }, { npm_config_json: 'true' }]) {
    const { code, stdout } = await ended(npm(['run', '-s', 'describe', '--', 'lenet5'], { environment }));
    expect({ code, begins: stdout.slice(0, 7) }).toEqual({ code: 0, begins: 'lenet5:' });
  }
});

it('takes paths from where npm was called', async () => {
  const elsewhere = join(folder, 'else where');
  mkdirSync(elsewhere);
  const words = ['--prefix', root, 'run', '-s', 'describe', '--', 'lenet5', '--svg', 'here.svg'];
  expect(await ended(npm(words, { cwd: elsewhere }))).toMatchObject({ code: 0 });
  expect(readFileSync(join(elsewhere, 'here.svg'), 'utf8')).toContain('<title>lenet5: 60,000 parameters');
});

it('saves and ends when npm is ended, and prints a command that goes on, whatever the name of the run', async () => {
  const nameFor = (signal: string) => `-it's "ended"\n100 % by \\ $${signal}!`;
  const said = await Promise.all(
    (['SIGTERM', 'SIGHUP', 'SIGKILL'] as const).map(async (signal) => {
      const run = join(folder, nameFor(signal));
      const options = ['--data', data, '--epochs', '6', '--batch', '2', '--backend', 'wasm'];
      const words = ['--prefix', root, 'run', '-s', 'train', '--', 'lenet5', `--out=${nameFor(signal)}`];
      const child = npm([...words, ...options], { cwd: folder });
      const end = ended(child); // once all that was started has closed its outputs
      await until(() => existsSync(join(run, 'log.jsonl')));
      child.kill(signal);
      const { stderr } = await end;
      expect(existsSync(join(run, 'last.safetensors'))).toBe(true);
      expect(existsSync(join(run, '.training.lock'))).toBe(false);
      return stderr;
    }),
  );
  const shell = (line: string) =>
    ended(spawn('sh', ['-c', line], { cwd: folder, env: plainEnvironment({}), stdio: 'pipe' }));
  const [, again] = /go on with: (.*)$/m.exec(said[2]!)!;
  expect(again!.startsWith(`npm --prefix ${root} run train -- --resume `)).toBe(true);
  expect(await shell(again!)).toMatchObject({ code: 0 });
  expect(existsSync(join(folder, nameFor('SIGKILL'), 'report.json'))).toBe(true);

  // Where no more than the option is printed, it is one that any command takes.
  const words = ['run', '-s', 'train', '--', 'lenet5', '--data', data, `--out=${nameFor('SIGTERM')}`];
  const found = await ended(npm(['--prefix', root, ...words], { cwd: folder }));
  const [, option] = /found a run; go on with it by (.*)$/m.exec(found.stderr)!;
  const [name, value] = (await shell(`printf '%s\\0' ${option}`)).stdout.split('\0');
  expect([name, join(folder, value!)]).toEqual(['--resume', join(folder, nameFor('SIGTERM'))]);
  expect(value!.startsWith('-')).toBe(false);
});

it('goes on without the terminal where nohup started npm, or a script that ran it, and ends with npm all the same', async () => {
  const options = ['--data', `'${data}'`, '--batch', '2', '--backend', 'wasm', '--epochs'].join(' ');
  const script = join(folder, 'train.sh');
  const command = `npm run -s train -- lenet5 ${options}`;
  writeFileSync(script, `${command} 2 --out "$1"\n:\n`);
  const cases = [
    { name: 'npm', words: (run: string) => `${command} 2 --out '${run}'`, goesOn: true },
    { name: 'script', words: (run: string) => `sh '${script}' '${run}'`, goesOn: true },
    { name: 'killed', words: (run: string) => `${command} 40 --out '${run}'`, goesOn: false },
  ];
  await Promise.all(
    cases.map(async ({ name, words, goesOn }) => {
      const run = join(folder, `nohup-${name}`);
      // A background job of an interactive shell, whose process group is told when the terminal is closed.
      const log = openSync(`${run}.txt`, 'w');
      const how = { cwd: root, env: plainEnvironment({}), detached: true };
      const job = spawn('bash', ['-c', `nohup ${words(run)}`], {
        ...how,
        stdio: ['ignore', log, log],
      });
      closeSync(log);
      await until(() => existsSync(join(run, 'log.jsonl')));
      process.kill(goesOn ? -job.pid! : job.pid!, goesOn ? 'SIGHUP' : 'SIGKILL');
      await until(() => !existsSync(join(run, '.training.lock')));
      expect({ name, goesOn: existsSync(join(run, 'report.json')) }).toEqual({ name, goesOn });
    }),
  );
});
