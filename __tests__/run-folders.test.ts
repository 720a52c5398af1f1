import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { reportName } from '../scripts/evaluation-report';
import { nameOf, runFolderFor, takeRunFolder } from '../scripts/run-folder';
import { drawDigits } from '../src/data/digits';
import { hold } from '../src/runtime/held-folder';
import { until } from './checkout';
import { command, ended, startCommand, temporaryFolder, writeIdxFolder } from './fixtures';

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

onLinux('takes over the lock of a process that ended, not that of one that runs', async () => {
  const lock = join(folder, 'some.lock');
  const release = await hold(lock, 'work');
  const own = readFileSync(lock, 'utf8');
  await release();
  expect(readdirSync(folder)).not.toContain('some.lock');
  const ofParent = own.replace(/@\d+ (\S+) \S+/, `@${process.ppid} $1 -`);
  const started = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[19]!;
  writeFileSync(lock, ofParent.replace(/-\n$/, `${started}\n`));
  await expect(hold(lock, 'work')).rejects.toThrow(`expected no other work there, found that of process`);
  writeFileSync(lock, ofParent.replace(/-\n$/, '1\n')); // of an earlier process of that number
  await (
    await hold(lock, 'work')
  )();
});

it('numbers runs that begin in the same second', async () => {
  const wanted = join(folder, 'runs', 'lenet5-digits-20261123-190239');
  const taken = await Promise.all([1, 2, 3].map(() => takeRunFolder(wanted, false)));
  expect(taken.sort()).toEqual([wanted, `${wanted}-2`, `${wanted}-3`]);
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
  writeFileSync(join(folder, reportName(path, { crops: 'squares', resize: '256,288,320,352' })), '');
});
