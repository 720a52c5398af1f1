import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { reportName } from '../../src/workflows/evaluate/evaluation-report';
import { beginRun, nameOf, runFolderFor } from '../../src/workflows/train/run-folder';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { UserError } from '../../src/core/errors';
import { hold } from '../../src/runtime/folder-lock';
import { openRun } from '../../src/train/run/run-record';
import { until } from '../support/checkout';
import { command, ended, startCommand, temporaryFolder, writeIdxFolder } from '../support/fixtures';
import { projectRoot } from '../support/places';

const folder = temporaryFolder();

it('lets one process train in a folder: a second is told who does, and one that was killed is followed', async () => {
  const data = join(folder, 'digits');
  const run = join(folder, 'run');
  await writeIdxFolder(data, drawDigits({ seed: 3, train: 320, test: 50 }));
  const options = ['--data', data, '--out', run, '--epochs', '4', '--batch', '2', '--backend', 'wasm'];
  const first = startCommand(['train', 'lenet5', ...options]);
  const end = ended(first);
  await until(() => readdirSync(folder).includes('run') && readdirSync(run).includes('log.jsonl'));
  const resume = ['train', '--resume', run, '--backend', 'wasm'];
  const refused = await command(resume);
  expect(refused.code).toBe(2);
  expect(refused.stderr.trimEnd().split('\n').at(-1)).toContain(
    `${run}: expected no other training there, found that of process ${first.pid} on `,
  );
  first.kill('SIGKILL');
  await end;
  expect(readdirSync(run)).toContain('.training.lock');
  expect(await command(resume)).toMatchObject({ code: 0 });
  expect(readdirSync(run).filter((name) => name.startsWith('.'))).toEqual([]);
});

const onLinux = existsSync('/proc') ? it : it.skip; // which tells when a process began

/** Leaves a lock that the test's parent holds, which goes on running. */
async function lockOfParent(lock: string): Promise<string> {
  const release = await hold(lock, 'work');
  const started = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[19]!;
  const own = readFileSync(lock, 'utf8').replace(/@\d+ (\S+) \S+/, `@${process.ppid} $1 ${started}`);
  writeFileSync(lock, own);
  await release();
  return own;
}

const takenOver = async (lock: string) => (await hold(lock, 'work'))();

onLinux('takes over the lock of a process that ended, not that of one that runs', async () => {
  const lock = join(folder, 'some.lock');
  const own = await lockOfParent(lock);
  await expect(hold(lock, 'work')).rejects.toThrow(
    `${folder}: expected no other work there, found that of process ${process.ppid} on ${hostname()} (${lock})`,
  );
  // As earlier releases wrote it, without the file that was made.
  const former = own.replace(/ \d+ ".*"\n$/, '\n');
  expect(former).toMatch(/^\S+ \S+ \d+\n$/);
  writeFileSync(lock, former);
  await expect(hold(lock, 'work')).rejects.toThrow(`found that of process ${process.ppid} on ${hostname()}`);
  writeFileSync(lock, former.replace(/\d+\n$/, '1\n')); // of an earlier process of that number
  await takenOver(lock);
  expect(existsSync(lock)).toBe(false);
});

onLinux('a lock that was copied with its folder holds nothing, one that was moved with it does', async () => {
  const run = join(folder, 'a "run"');
  await lockOfParent(join(run, '.lock'));
  for (const preserveTimestamps of [false, true]) {
    cpSync(run, join(folder, 'copy'), { recursive: true, preserveTimestamps });
    await takenOver(join(folder, 'copy', '.lock'));
  }
  renameSync(run, join(folder, 'moved'));
  await expect(hold(join(folder, 'moved', '.lock'), 'work')).rejects.toThrow('found that of process');
});

onLinux('tells of a lock of another machine which file it is, when it was last touched, and what to do', async () => {
  const run = join(folder, 'shared');
  const lock = join(run, '.lock');
  const theirs = (await lockOfParent(lock)).replace(hostname(), 'some-other-machine');
  const touched = (minutes: number) => utimesSync(lock, new Date(), new Date(Date.now() - minutes * 60_000 - 1000));
  writeFileSync(lock, theirs);
  touched(3);
  await expect(hold(lock, 'training')).rejects.toThrow(
    `${run}: expected no other training there, found that of process ${process.ppid} on some-other-machine, whose last ` +
      `sign of life, the time of ${lock}, was 3 minutes ago; wait for it or end it first, or remove that file if it is gone: ` +
      'without a sign it counts as gone after 10 minutes',
  );
  touched(0);
  await expect(hold(lock, 'training')).rejects.toThrow('was less than a minute ago');
  cpSync(run, join(folder, 'theirs'), { recursive: true });
  await expect(hold(join(folder, 'theirs', '.lock'), 'work')).rejects.toThrow('on some-other-machine'); // may live
  touched(3);
  cpSync(run, join(folder, 'theirs'), { recursive: true, preserveTimestamps: true });
  await takenOver(join(folder, 'theirs', '.lock'));
  touched(11);
  await takenOver(lock);
}); // prettier-ignore

it('waits for a lock without a name to get one, and takes it over where its process was killed before', async () => {
  const lock = join(folder, 'nameless.lock');
  writeFileSync(lock, '');
  utimesSync(lock, new Date(), new Date(Date.now() - 7_000)); // it counts as gone three seconds from now
  await takenOver(lock);
  expect(existsSync(lock)).toBe(false);
});

it('numbers runs that begin in the same second', async () => {
  const wanted = join(folder, 'runs', 'lenet5-digits-20261123-190239');
  const record = await openRun(join(projectRoot, 'results', 'lenet5-mnist'));
  const taken = await Promise.all(
    [1, 2, 3].map(() => beginRun(wanted, false, record, async () => undefined)),
  );
  expect(taken.map((one) => one.folder).sort()).toEqual([wanted, `${wanted}-2`, `${wanted}-3`]);
});

it.each([
  ['mnist', 'mnist'],
  ['/home/me/my photos/', 'my-photos'],
  ['../photos', 'photos'],
  ['.', basename(process.cwd()).replaceAll(/\W+/g, '-')],
  ['/', 'data'],
  ['shards/train-{000000..000009}.tar', 'train'],
  ['/data/Фото кошек', 'Фото-кошек'],
])('a run on %s is named %s', (data, name) => {
  expect(nameOf(data)).toBe(name);
});

it.each(['a', '写', '😀'])('any path of data makes a name that the disk takes, here of %s', (letter) => {
  const path = `/${`${letter.repeat(40)} /`.repeat(8)}`;
  const run = join(folder, runFolderFor('googlenet-torchvision', path));
  mkdirSync(run, { recursive: true });
  writeFileSync(join(folder, reportName(path, { crops: 'squares', resize: [256, 288, 320, 352] })), '');
});

describe('a new run', () => {
  const original = join(projectRoot, 'results', 'lenet5-mnist');
  const into = (name: string) => {
    mkdirSync(join(folder, name), { recursive: true });
    return join(folder, name, 'run');
  };
  const namesIn = (of: string) => readdirSync(of).sort();

  it('leaves nothing where what it begins with cannot be written', async () => {
    const run = into('full');
    const full = (at: string) => {
      writeFileSync(join(at, 'images.jsonl'), 'half');
      throw new UserError(`cannot write ${join(at, 'images.jsonl')}: no space is left on the disk`);
    };
    const begun = beginRun(run, true, await openRun(original), async (at) => full(at));
    await expect(begun).rejects.toThrow(`cannot write ${join(run, 'images.jsonl')}: no space`);
    expect(namesIn(join(folder, 'full'))).toEqual([]);
  });

  it('leaves nothing that is in the way of the next when it is killed meanwhile', async () => {
    const run = into('killed');
    const program = `
      const { openRun } = require('./src/train/run/run-record');
      const { beginRun } = require('./src/workflows/train/run-folder');
      openRun(${JSON.stringify(original)}).then((record) =>
        beginRun(${JSON.stringify(run)}, true, record, async (at) => {
          require('node:fs').writeFileSync(at + '/images.jsonl', 'half');
          process.kill(process.pid, 'SIGKILL');
        }));`;
    const { signal } = spawnSync(process.execPath, ['--require', 'tsx/cjs', '--eval', program], {
      cwd: projectRoot,
    });
    expect(signal).toBe('SIGKILL');
    expect(existsSync(run)).toBe(false);
    const whole = (at: string) => writeFileSync(join(at, 'images.jsonl'), 'whole');
    await beginRun(run, true, await openRun(original), async (at) => whole(at));
    expect(namesIn(join(folder, 'killed'))).toEqual(['run']);
    expect(namesIn(run)).toEqual(['.training.lock', 'images.jsonl', 'run.json']);
    expect(await openRun(run)).toEqual(await openRun(original));
  });

  it('keeps what lies in its folder already, and is refused by another run there', async () => {
    const run = into('used');
    mkdirSync(run);
    writeFileSync(join(run, 'notes.txt'), 'mine');
    const record = await openRun(original);
    const filled = (at: string) => writeFileSync(join(at, 'images.jsonl'), 'whole');
    const begin = () => beginRun(run, true, record, async (at) => filled(at));
    const { release } = await begin();
    expect(namesIn(run)).toEqual(['.training.lock', 'images.jsonl', 'notes.txt', 'run.json']);
    await expect(begin()).rejects.toThrow('expected no other training there, found one of this process');
    await release();
    await expect(begin()).rejects.toThrow('found a run');
    expect(namesIn(run)).toEqual(['images.jsonl', 'notes.txt', 'run.json']);
  });
});
