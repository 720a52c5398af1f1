import { mkdir, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newFolder, makeFolder } from '../../src/core/io/files';
import { createWholeRun } from '../../src/workflows/train/whole-run';
import type { RunRecord } from '../../src/train/run/run-record';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'places-'));
  await writeFile(join(root, 'file'), 'kept');
  await symlink(join(root, 'nowhere', 'at-all'), join(root, 'dangling'));
  await symlink(join(root, 'file'), join(root, 'to-file'));
  await symlink('there', join(root, 'back'));
  await symlink('back', join(root, 'there'));
});

const cases = [
  ['a file', 'file', 'ROOT/file is a file'],
  ['below a file', 'file/run', 'ROOT/file is a file'],
  ['far below a file', 'file/a/run', 'ROOT/file is a file'],
  ['a link that leads nowhere', 'dangling', 'the symbolic link ROOT/dangling leads nowhere'],
  ['below a link that leads nowhere', 'dangling/run', 'the symbolic link ROOT/dangling leads nowhere'],
  ['below a link to a file', 'to-file/run', 'the symbolic link ROOT/to-file leads to a file'],
  ['below links in a circle', 'back/run', 'the symbolic link ROOT/back leads in a circle'],
  ['a name that is too long', 'n'.repeat(300), 'the name is too long'],
] as const;

it.each(cases)('a folder at %s is refused in one line, and nothing is made', async (_, path, reason) => {
  const before = await readdir(root, { recursive: true });
  const expected = `cannot make the folder ${join(root, path)}: ${reason.replace('ROOT', root)}`;
  await expect(makeFolder(join(root, path))).rejects.toThrow(expected);
  expect(await readdir(root, { recursive: true })).toEqual(before);
});

it('a folder that is there, or reached by a link, or wants others above it, is made', async () => {
  await mkdir(join(root, 'kept'));
  await symlink('kept', join(root, 'link'));
  await Promise.all([makeFolder(join(root, 'link/a/b')), makeFolder(join(root, 'kept/a/b/c'))]);
  await makeFolder(join(root, 'link'));
  expect((await readdir(join(root, 'kept'), { recursive: true })).sort()).toEqual(['a', 'a/b', 'a/b/c']);
});

// Node 20's `mkdir(path, { recursive: true })` does not return there.
(process.platform === 'linux' ? it : it.skip)(
  'below /proc, where no folder can be made, it ends',
  async () => {
    await expect(makeFolder('/proc/run/1')).rejects.toThrow(
      'cannot make the folder /proc/run/1: the system lets none be made there',
    );
  },
);

it.each(['dangling', 'file', 'back'])(
  'an export to %s is refused, and leaves no other folder',
  async (name) => {
    const before = await readdir(root);
    await expect(newFolder(join(root, name), async () => undefined)).rejects.toThrow(
      /: expected a new folder, found (?:a symbolic link that leads nowhere|something else of that name)$/,
    );
    expect(await readdir(root)).toEqual(before);
  },
);

it.each(['dangling', 'file', 'file/run'])('a run at %s does not begin', async (name) => {
  const before = await readdir(root);
  const begun = createWholeRun(join(root, name), {} as RunRecord, async () => undefined);
  await expect(begun).rejects.toThrow(/^cannot make the folder .*(?:is a file|leads nowhere)$/);
  expect(await readdir(root)).toEqual(before);
});
