import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkout,
  doctorIn,
  fakeProgram,
  ownTensorFlow,
  pathWith,
  programFile,
  runCommand,
} from '../../support/checkout';
import { temporaryFolder } from '../../support/fixtures';

const folder = temporaryFolder();
const home = checkout(join(folder, 'checkout'));
const environment = { LINEAGE_CACHE: join(folder, 'cache') };
afterEach(() => rmSync(environment.LINEAGE_CACHE, { recursive: true, force: true }));

/** Runs the set-up, which must not get through, say why in one line, and leave wasm. */
async function obstacleOf(changes: NodeJS.ProcessEnv, before: readonly string[] = []): Promise<string> {
  const { code, stderr } = await runCommand(home, ['setup'], { ...environment, ...changes }, before);
  expect(code).toBe(0);
  const lines = stderr.trimEnd().split('\n');
  expect(lines.at(-1)).toMatch(
    /^setup: no native TensorFlow; the wasm backend is used instead \(\d+\.\d\d s\)$/,
  );
  return lines.find((line) => !/downloaded|unpacked/.test(line))!;
}

it('no python: says so and how to install it', async () => {
  const PATH = pathWith(join(folder, 'no python'), ['g++']);
  expect(await obstacleOf({ PATH })).toMatch(
    /^setup: python3 is not there \(install Python 3 with pip .*apt install/,
  );
});

it('python without pip: says so and how to install it', async () => {
  const PATH = join(folder, 'no pip');
  mkdirSync(PATH);
  fakeProgram(PATH, 'python3', `exec ${programFile('python3')} -I -S "$@"`);
  expect(await obstacleOf({ PATH })).toMatch(/^setup: python3 has no pip \(install Python 3 with pip/);
});

it('no compiler: says so and how to install it; a forced backend then is the user’s to mend', async () => {
  const changes = {
    PATH: pathWith(join(folder, 'no compiler'), ['python3']),
    LINEAGE_TENSORFLOW: ownTensorFlow(),
  };
  expect(await obstacleOf(changes)).toMatch(/^setup: a C\+\+ compiler is not there .*apt install g\+\+/);
  const forced = await runCommand(home, ['setup'], {
    ...environment,
    ...changes,
    LINEAGE_BACKEND: 'tensorflow',
  });
  expect(forced.code).toBe(2);
  expect(forced.stderr).toMatch(
    /^cnn-lineage: expected to set TensorFlow up, but a C\+\+ compiler is not there[^\n]*\n$/,
  );
});

it('a compiler that fails: its error is in the line', async () => {
  const PATH = join(folder, 'broken compiler');
  mkdirSync(PATH);
  fakeProgram(PATH, 'g++', 'echo "fatal error: stdlib.h: No such file or directory" >&2; exit 1');
  expect(await obstacleOf({ PATH, LINEAGE_TENSORFLOW: ownTensorFlow() })).toMatch(
    /^setup: building the binding failed: g\+\+ ended with code 1: fatal error: stdlib\.h: No such file or directory \(/,
  );
});

it('a pip that finds nothing: its error is in the line', async () => {
  const PATH = join(folder, 'failing pip');
  mkdirSync(PATH);
  fakeProgram(
    PATH,
    'python3',
    '[ "$3" = --version ] && exit 0; echo "ERROR: No matching distribution found for $4" >&2; exit 1',
  );
  expect(await obstacleOf({ PATH })).toMatch(
    /^setup: taking tensorflow-cpu==2\.21\.0 from the Python package index failed: .*ERROR: No matching distribution found for tensorflow-cpu==2\.21\.0/,
  );
});

/** Limits every file to 100 MB, less than the wheel. */
const limited = ['bash', '-c', 'ulimit -f 102400; exec "$@"', 'bash'];

it('a file that cannot grow any further: says that the disk is full', async () => {
  expect(await obstacleOf({}, limited)).toMatch(
    /^setup: the disk is full: taking tensorflow-cpu==2\.21\.0 .*cache/,
  );
});

it('too little room from the start: says how much is needed before anything is downloaded', async () => {
  mkdirSync(environment.LINEAGE_CACHE);
  const script = `mount -t tmpfs -o size=50m none "${environment.LINEAGE_CACHE}" && exec "$@"`;
  const mounted = ['unshare', '-rm', 'sh', '-c', script, 'sh'];
  const canMount = spawnSync(mounted[0]!, [...mounted.slice(1), 'true']).status === 0;
  if (!canMount) return expect(await obstacleOf({}, limited)).toMatch(/^setup: the disk is full/);
  expect(await obstacleOf({}, mounted)).toMatch(
    /^setup: the disk is full: expected 1250 MB of room in .*, found \d+ MB \(make room or set LINEAGE_CACHE\)$/,
  );
});

it('a cache that cannot be written: says so', async () => {
  const changes = { LINEAGE_CACHE: join(home, 'package.json', 'cache') };
  expect(await obstacleOf(changes)).toMatch(
    /^setup: the set-up cannot write in .*cache \(ENOTDIR\) \(set LINEAGE_CACHE/,
  );
});

it('after all of these nothing is half set up', async () => {
  expect(await doctorIn(home, environment)).toMatchObject({
    backend: 'wasm',
    passedOver: [
      { backend: 'tensorflow-gpu' },
      { backend: 'tensorflow', why: 'it is not set up', fix: 'npm run setup' },
      { backend: 'webgpu' }, // whose reason depends on the machine
    ],
  });
});
