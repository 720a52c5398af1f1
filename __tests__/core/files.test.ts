import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../src/core/errors';
import { seededRandom } from '../../src/core/random';
import { writeFileAtomically } from '../../src/core/io/files';
import { isRunning } from '../../src/core/io/temporary-folder';
import { projectRoot } from '../support/places';

const root = projectRoot;
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lineage-atomic-'));
  path = join(folder, 'weights.safetensors');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The arguments that have node run a program in this project's TypeScript. */
const node = (program: string, ...parameters: string[]) => [
  process.execPath,
  '--import',
  'tsx',
  '--eval',
  `const { writeFileAtomically } = require('./src/core/io/files');\n${program}`,
  ...parameters,
];

test('the file holds the new bytes or text, and nothing else is left in the folder', async () => {
  await writeFileAtomically(path, Uint8Array.of(1, 2, 3));
  expect([...readFileSync(path)]).toEqual([1, 2, 3]);
  await writeFileAtomically(path, 'ε');
  expect(readFileSync(path, 'utf8')).toBe('ε');
  expect(readdirSync(folder)).toEqual(['weights.safetensors']);
});

test('writes of one file at the same time leave one of the versions whole', async () => {
  const versions = Array.from({ length: 12 }, (_, index) => String(index).repeat(100_000));
  await Promise.all(versions.map((version) => writeFileAtomically(path, version)));
  expect(versions).toContain(readFileSync(path, 'utf8'));
  expect(readdirSync(folder)).toEqual(['weights.safetensors']);
});

test('a process killed at 20 random moments always leaves a whole version, and the next write tidies up', async () => {
  const size = 2_000_000;
  const writeForEver = `
    (async () => {
      for (let version = 1; ; version++) {
        await writeFileAtomically(process.argv[1], Buffer.alloc(${size}, version % 256));
        if (version === 1) process.stdout.write('first');
      }
    })();`;
  const random = seededRandom(1998);
  let abandoned = 0;
  for (let kill = 0; kill < 20; kill++) {
    const [program, ...parameters] = node(writeForEver, path);
    const child = spawn(program!, parameters, { cwd: root });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await sleep(random.uniform(0, 30));
    child.kill('SIGKILL');
    await ended;
    const found = readFileSync(path);
    expect(found.length).toBe(size);
    expect(found.equals(Buffer.alloc(size, found[0]))).toBe(true);
    const others = readdirSync(folder).length - 1;
    expect(others).toBeLessThanOrEqual(1);
    abandoned += others;
  }
  expect(abandoned).toBeGreaterThan(0);
  await writeFileAtomically(path, 'done');
  expect(readdirSync(folder)).toEqual(['weights.safetensors']);
});

test('only temporaries of this file whose process is gone are removed', async () => {
  const gone = spawnSync('true').pid;
  const unique = '01234567-89ab-cdef-0123-456789abcdef';
  const kept = [
    `.weights.safetensors.${process.ppid}.${unique}.tmp`, // still running
    `.other.safetensors.${gone}.${unique}.tmp`,
    '.weights.safetensors.notes.tmp',
    'weights.safetensors.tmp',
  ];
  const removed = [
    `.weights.safetensors.${gone}.${unique}.tmp`,
    `.weights.safetensors.${process.pid}.${unique}.tmp`, // of an earlier process with this one's number
  ];
  for (const name of [...kept, ...removed]) writeFileSync(join(folder, name), '');
  await writeFileAtomically(path, 'new');
  expect(readdirSync(folder).sort()).toEqual([...kept, 'weights.safetensors'].sort());
});

const writeOnce = `
  writeFileAtomically(process.argv[1], Buffer.alloc(4_000_000, 1)).then(
    () => process.stdout.write('written'),
    (error) => process.stdout.write(error.name + ': ' + error.message),
  );`;

/** Ways to leave no room for a file: the limit of a process, and where users may mount one, a disk of 1 MB. */
const cramped: { room: string; wrapper: string[]; prepare: string; reason: string }[] = [
  {
    room: 'a file size limit',
    wrapper: [],
    prepare: 'ulimit -f 2000',
    reason: 'the file is larger than allowed here',
  },
];
const ownMounts = ['unshare', '--user', '--map-root-user', '--mount'];
if (spawnSync(ownMounts[0]!, [...ownMounts.slice(1), 'true']).status === 0) {
  cramped.push({
    room: 'a full disk',
    wrapper: ownMounts,
    prepare: 'mount -t tmpfs -o size=1m tmpfs "$folder"',
    reason: 'no space is left on the disk',
  });
}

test.each(cramped)('under $room, one line says so and the old file stays', ({ wrapper, prepare, reason }) => {
  const script = `${prepare} && printf old > "$path" && "$@"; echo; ls -A "$folder"; cat "$path"`;
  const [program, ...parameters] = [...wrapper, 'sh', '-c', script, 'sh', ...node(writeOnce, path)];
  const { stdout } = spawnSync(program!, parameters, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, TSX_DISABLE_CACHE: '1', folder, path },
  });
  const message = `UserError: cannot write ${path}: ${reason}`;
  expect(stdout.split('\n')).toEqual([message, 'weights.safetensors', 'old']);
});

test('a missing folder and a folder in the way are refused in one line', async () => {
  const refusalOf = (place: string) => writeFileAtomically(place, '').catch((thrown: unknown) => thrown);
  const missing = join(folder, 'no', 'file');
  mkdirSync(path);
  for (const [place, reason] of [
    [missing, 'its folder does not exist'],
    [path, 'a folder of that name is in the way'],
  ] as const) {
    const refusal = await refusalOf(place);
    expect(refusal).toBeInstanceOf(UserError);
    expect((refusal as UserError).message).toBe(`cannot write ${place}: ${reason}`);
  }
  expect(readdirSync(folder)).toEqual(['weights.safetensors']);
});

(process.platform === 'linux' ? test : test.skip)(
  'a process that has ended is not running, though its parent has not asked how it ended',
  async () => {
    // The shell becomes `sleep`, which never asks for its child.
    const parent = spawn('sh', ['-c', 'sleep 0.5 & echo $!; exec sleep 30'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const child = Number(line.toString());
      expect(isRunning(child)).toBe(true);
      while (!readFileSync(`/proc/${child}/stat`, 'utf8').includes(') Z ')) await sleep(50);
      expect(isRunning(child)).toBe(false);
      expect(isRunning(parent.pid!)).toBe(true);
    } finally {
      parent.kill();
    }
  },
);
