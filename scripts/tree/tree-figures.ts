/**
 * How easy it is to find one's way in the code: entries per folder, sizes of files, files with a single importer, and
 * the files whose functions run in what readers trace most often. Prints Markdown.
 *
 *     npx tsx scripts/tree/tree-figures.ts [--root DIR] [--tasks FILE]
 *
 * `--root` measures another checkout of the project; `--tasks` then names a module of that checkout like `tasks.ts`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Session, type Profiler } from 'node:inspector/promises';
import { basename, dirname, join, posix, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { UserError } from '../../src/core/errors';
import { dataRoot } from '../../src/data/open';
import { markdownTable } from '../../src/core/text/markdown-table';
import { median } from '../../src/report/bench/peers';
import type { Task } from './tasks';

/** A file of the engine, the networks or the scripts. */
interface SourceFile {
  readonly path: string;
  readonly lines: number;
  /** The number of files that import it, not counting tests. */
  readonly readers: number;
}

/** A file with a single importer and fewer lines than this had better be part of that importer. */
const short = 40;

/** All source files of a checkout, as listed by git. */
export function sourceFiles(root: string): readonly SourceFile[] {
  const listed = execFileSync(
    'git',
    ['ls-files', ':(glob)*.ts', 'src', 'playground', 'scripts', 'models', 'experiments'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  const paths = listed.split('\n').filter((path) => /\.tsx?$/.test(path));
  const texts = new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
  const readers = new Map<string, Set<string>>();
  for (const [path, text] of texts) {
    for (const [, to] of text.matchAll(/(?:from|import\(|require\()\s*'(\.[^']*)'/g)) {
      const target = posix.join(dirname(path), to!.replace(/\.js$/, ''));
      const file = [`${target}.ts`, `${target}.tsx`, `${target}/index.ts`].find((each) => texts.has(each));
      if (file) readers.set(file, (readers.get(file) ?? new Set()).add(path));
    }
  }
  return paths.map((path) => ({
    path,
    lines: texts.get(path)!.split('\n').length - 1,
    readers: readers.get(path)?.size ?? 0,
  }));
}

/** The number of files and folders in each folder, by its path, the fullest first. */
export function entriesOfFolders(paths: readonly string[]): readonly (readonly [string, number])[] {
  const entries = new Map<string, Set<string>>();
  for (const path of paths) {
    for (let inner = path; inner !== '.'; inner = dirname(inner)) {
      const folder = dirname(inner);
      entries.set(folder, (entries.get(folder) ?? new Set()).add(basename(inner)));
    }
  }
  return [...entries]
    .map(([folder, names]) => [folder, names.size] as const)
    .filter(([folder]) => folder !== '.')
    .sort(([, one], [, other]) => other - one);
}

/** The files of a checkout in which a function runs during `run`. */
async function filesOf(run: () => Promise<unknown>, root: string): Promise<readonly string[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await session.post('Profiler.takePreciseCoverage'); // discards the coverage of what ran before
  await run();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  session.disconnect();
  const ran = ({ functions }: Profiler.ScriptCoverage) =>
    functions.some(({ functionName, ranges }) => functionName !== '' && ranges[0]!.count > 0);
  return result
    .filter((script) => script.url.startsWith('file:') && ran(script))
    .map(({ url }) => relative(root, fileURLToPath(url)))
    .filter((path) => /^(?:index\.ts|src|models|scripts)/.test(path) && !path.startsWith('scripts/tree'))
    .sort();
}

interface Tasks {
  readonly tasks: Readonly<Record<string, Task>>;
  begin(): Promise<void>;
  end(): Promise<void>;
}

async function followed(
  root: string,
  tasksFile: string,
): Promise<readonly (readonly [string, readonly string[]])[]> {
  const { tasks, begin, end } = (await import(pathToFileURL(tasksFile).href)) as Tasks;
  await begin();
  try {
    const found: [string, readonly string[]][] = [];
    for (const [name, prepare] of Object.entries(tasks)) {
      const run = await prepare(dataRoot(process.env));
      found.push([name, await filesOf(run, root)]);
    }
    return found;
  } finally {
    await end();
  }
}

async function figures(root: string, tasksFile: string): Promise<string> {
  const files = sourceFiles(root);
  const folders = entriesOfFolders(files.map(({ path }) => path));
  const single = files.filter(({ lines, readers }) => readers === 1 && lines < short);
  const shape = [
    ['files', String(files.length)],
    ['folders', String(folders.length)],
    [
      'entries of the fullest folders',
      folders
        .slice(0, 5)
        .map(([name, count]) => `${name} ${count}`)
        .join(', '),
    ],
    ['folders of more than 12 entries', String(folders.filter(([, count]) => count > 12).length)],
    ['lines of the median file', String(median(files.map(({ lines }) => lines)))],
    [`files under ${short} lines with one reader`, String(single.length)],
  ];
  const tasks = await followed(root, tasksFile);
  return [
    markdownTable(['figure', ''], shape),
    '',
    markdownTable(
      ['files whose functions run for', 'files', 'which'],
      tasks.map(([name, ran]) => [name, String(ran.length), ran.join(' ')]),
    ),
  ].join('\n');
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { root: { type: 'string' }, tasks: { type: 'string' } } });
  const root = resolve(values.root ?? join(__dirname, '..', '..'));
  console.log(await figures(root, resolve(values.tasks ?? join(__dirname, 'tasks.ts'))));
}

if (require.main === module) {
  main().catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    console.error(error.message);
    process.exit(2);
  });
}
