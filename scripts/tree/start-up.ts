/**
 * Times how fast the program starts, in turns with an earlier checkout, both built (`npm run build`):
 * `npx tsx scripts/tree/start-up.ts EARLIER [ROUNDS]` prints a table in Markdown: medians in milliseconds, and the files
 * that were loaded, all and this project's own.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { markdownTable } from '../../src/core/text/markdown-table';
import { median } from '../../src/report/bench/peers';

interface Start {
  readonly what: string;
  /** The words of the command, in a checkout; null where it has no such thing. */
  readonly words: (checkout: string, earlier: boolean) => readonly string[] | null;
}

const node = process.execPath;
const program = (checkout: string, ...words: string[]) => [
  ...[node, join(checkout, 'dist', 'scripts', 'cnn-lineage.js')],
  ...words,
];
const imported = (checkout: string, file: string) => {
  const { href } = pathToFileURL(join(checkout, 'dist', file));
  return [node, '--input-type=module', '-e', `import ${JSON.stringify(href)}`];
};

const starts: readonly Start[] = [
  { what: '`npm run train -- --help`', words: () => ['npm', 'run', 'train', '--', '--help'] },
  {
    what: '`npm run train -- --epoch` (a typing error)',
    words: () => ['npm', 'run', 'train', '--', '--epoch'],
  },
  { what: '`npm run describe -- lenet5`', words: () => ['npm', 'run', 'describe', '--', 'lenet5'] },
  { what: 'installed: `cnn-lineage train --help`', words: (at) => program(at, 'train', '--help') },
  { what: 'installed: `cnn-lineage train --epoch`', words: (at) => program(at, 'train', '--epoch') },
  { what: 'installed: `cnn-lineage describe lenet5`', words: (at) => program(at, 'describe', 'lenet5') },
  {
    what: "`import 'cnn-lineage'`",
    words: (at, earlier) => imported(at, earlier ? 'index.js' : 'index.mjs'),
  },
  {
    what: "`import 'cnn-lineage/networks'`",
    words: (at, earlier) => (earlier ? null : imported(at, 'networks.mjs')),
  },
  { what: '`node -e 0`', words: () => [node, '-e', '0'] },
];

function main([earlier, rounds = '7']: readonly string[]): void {
  if (earlier === undefined) throw new Error('expected EARLIER [ROUNDS]');
  const checkouts = [resolve(earlier), resolve('.')] as const;
  const work = mkdtempSync(join(tmpdir(), 'lineage-start-'));
  const counter = join(work, 'count.cjs');
  writeFileSync(counter, counting);
  const times = starts.map(() => [[], []] as [number[], number[]]);
  for (let round = 0; round < Number(rounds); round++)
    starts.forEach(({ words }, at) =>
      checkouts.forEach((checkout, which) => {
        const asked = words(checkout, which === 0);
        if (asked) times[at]![which]!.push(timed(asked, checkout));
      }),
    );
  const rows = starts.map(({ what, words }, at) => {
    const cells = checkouts.map((checkout, which) => {
      const asked = words(checkout, which === 0);
      if (!asked) return '-';
      const files = asked[0] === node ? `, ${filesOf(asked, checkout, counter)}` : '';
      return `${median(times[at]![which]!).toFixed(0)} ms${files}`;
    });
    return [what, ...cells];
  });
  const commits = checkouts.map((cwd) =>
    execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd, encoding: 'utf8' }).trim(),
  );
  console.log(markdownTable(['start', `\`${commits[0]!}\``, `\`${commits[1]!}\``], rows));
  rmSync(work, { recursive: true });
}

function timed([command, ...words]: readonly string[], cwd: string): number {
  const began = performance.now();
  spawnSync(command!, words, { cwd, stdio: 'ignore' });
  return performance.now() - began;
}

/** Prints to standard error, when a process ends, how many modules it has loaded. */
const counting = `
process.on('exit', () => {
  const files = Object.keys(require.cache);
  const own = files.filter((file) => !file.includes('node_modules'));
  process.stderr.write('\\nfiles ' + (files.length - 1) + ', ' + (own.length - 1) + ' own\\n');
});
`;

function filesOf([command, ...words]: readonly string[], cwd: string, counter: string): string {
  const { stderr } = spawnSync(command!, ['--require', counter, ...words], { cwd, encoding: 'utf8' });
  return /files (.*)/.exec(stderr)?.[1]?.concat(' files').replace(' own files', ' own') ?? '';
}

main(process.argv.slice(2));
