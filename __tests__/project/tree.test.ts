import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOfFolders, sourceFiles } from '../../scripts/tree/tree-figures';
import { projectRoot } from '../support/places';

const tracked = execFileSync('git', ['ls-files'], { cwd: projectRoot, encoding: 'utf8' }).trim().split('\n');

/** Lists of plug-ins, the rooms themselves, and the folder that mirrors several others. */
const longLists = new Set([
  'src',
  'src/layers',
  'playground',
  'playground/texts',
  'scripts/commands',
  '__tests__',
]);
/** An import that no other file makes, where a short file is one of a list all the same. */
const lists =
  /^([\w-]+\.ts$|models\/|experiments\/|scripts\/commands\/|scripts\/peers\/bench\/|src\/layers\/|src\/data\/augment\/|src\/data\/preprocess\/|src\/runtime\/wasm\/|src\/weights\/export\/)/;

it('shows at most twelve entries in a folder, but for lists of plug-ins', () => {
  const shown = tracked.filter((path) =>
    /^(src|playground|scripts|models|experiments|__tests__)\//.test(path),
  );
  const folders = entriesOfFolders(shown.filter((path) => !path.includes('/fixtures/')));
  expect(folders.length).toBeGreaterThan(50);
  expect(folders.filter(([folder, entries]) => entries > 12 && !longLists.has(folder))).toEqual([]);
});

it('says in the first line of every source file what it is', () => {
  const sources = tracked.filter((path) =>
    /^([\w-]+|(src|playground|scripts|models|experiments)\/.*)\.tsx?$/.test(path),
  );
  expect(sources.length).toBeGreaterThan(400);
  const without = sources.filter((path) => {
    const [first, second] = readFileSync(join(projectRoot, path), 'utf8').split('\n');
    return !/^\/\*\*( \S.*\*\/)?$/.test((first!.startsWith('#!') ? second : first)!);
  });
  expect(without).toEqual([]);
});

it('keeps what a single file reads in that file, unless it is long or one of a list', () => {
  const files = sourceFiles(projectRoot);
  expect(files.find(({ path }) => path === 'src/core/errors.ts')!.readers).toBeGreaterThan(50);
  const short = files.filter(({ path, lines, readers }) => readers === 1 && lines < 40 && !lists.test(path));
  expect(short.map(({ path }) => path)).toEqual([]);
});

it('draws every room of the engine in CONTRIBUTING.md', () => {
  const text = readFileSync(join(projectRoot, 'CONTRIBUTING.md'), 'utf8');
  const rooms = new Set(tracked.flatMap((path) => /^src\/([^/]+)\//.exec(path)?.[1] ?? []));
  expect([...rooms].filter((room) => !text.includes(`\n  ${room}/ `))).toEqual([]);
  const named = [...text.matchAll(/`((?:src|scripts|models|eslint|__tests__)\/[\w./-]*\w)`/g)].map(
    ([, path]) => path!,
  );
  expect(named.length).toBeGreaterThan(40);
  const there = (path: string) => tracked.some((each) => each === path || each.startsWith(`${path}/`));
  expect(named.filter((path) => !path.includes('FAMILY') && !there(path))).toEqual([]);
});
