import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { plainEnvironment, until } from '../support/checkout';
import { ended, temporaryFolder, writeIdxFolder, type Ended } from '../support/fixtures';
import { projectRoot } from '../support/places';

const root = projectRoot;
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
  const [, again] = /resume with: (.*)$/m.exec(said[2]!)!;
  expect(again!.startsWith(`npm --prefix ${root} run train -- --resume `)).toBe(true);
  expect(await shell(again!)).toMatchObject({ code: 0 });
  expect(existsSync(join(folder, nameFor('SIGKILL'), 'report.json'))).toBe(true);

  // What a refusal prints goes on with the run, too.
  const words = ['run', '-s', 'train', '--', 'lenet5', '--data', data, `--out=${nameFor('SIGTERM')}`];
  const found = await ended(npm(['--prefix', root, ...words], { cwd: folder }));
  const [, resume] = /found a run; resume it by (.*)$/m.exec(found.stderr)!;
  const printed = (await shell(`printf '%s\\0' ${resume}`)).stdout.split('\0').slice(0, -1);
  const [option, value] = printed.slice(-2);
  expect([option, join(folder, value!)]).toEqual(['--resume', join(folder, nameFor('SIGTERM'))]);
  expect(value!.startsWith('-')).toBe(false);
  expect(printed.slice(0, -2)).toEqual(['npm', '--prefix', root, 'run', 'train', '--']);
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

it('does not begin what npm was to run when npm has ended already', async () => {
  const described = async (name: string, environment: NodeJS.ProcessEnv) => {
    const code = join(folder, name);
    const line = `node --import tsx scripts/cnn-lineage.ts describe lenet5 >/dev/null 2>&1; echo $? >'${code}.part'; mv '${code}.part' '${code}'`;
    // The outer shell ends at once, as npm does when it is killed: the inner one is left alone with the program.
    spawn('bash', ['-c', `(sleep 0.5; ${line}) &`], {
      cwd: root,
      env: plainEnvironment({ INIT_CWD: undefined, ...environment }),
      stdio: 'ignore',
      detached: true,
    }).unref();
    await until(() => existsSync(code));
    return Number(readFileSync(code, 'utf8'));
  };
  const npmsOwn = {
    npm_config_user_agent: 'npm/10.8.2 node/v20.20.2 linux x64 workspaces/false',
    npm_lifecycle_script: 'tsx scripts/cnn-lineage.ts describe',
    npm_lifecycle_event: 'describe',
  };
  expect(await described('by npm', npmsOwn)).toBe(128 + 15); // as by SIGTERM, which ended npm
  expect(await described('by nobody', {})).toBe(0);
});
