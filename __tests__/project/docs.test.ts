import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { figures } from '../../scripts/readme/figures';
import {
  figuresFolder,
  generatedFigures,
  generatedNetworkPages,
  networksFolder,
} from '../../scripts/readme/readme';
import { networkNames } from '../../models/registry';
import { projectRoot } from '../support/places';

const docs = join(projectRoot, 'docs');
const handWritten = readdirSync(docs).filter((name) => name.endsWith('.md'));
const textOf = (path: string) => readFileSync(join(projectRoot, path), 'utf8');

it('has a page and a drawing for each network, as the code generates them', async () => {
  const pages = await generatedNetworkPages();
  expect([...pages.keys()].sort()).toEqual(
    ['README.md', ...networkNames.flatMap((name) => [`${name}.md`, `${name}.svg`])].sort(),
  );
  expect(readdirSync(join(projectRoot, networksFolder)).sort()).toEqual([...pages.keys()].sort());
  const outdated = [...pages].filter(([name, text]) => textOf(join(networksFolder, name)) !== text);
  expect(outdated.map(([name]) => name)).toEqual([]);
});

it('has the figures that the code generates, of functions that stand in their files', () => {
  const drawn = generatedFigures();
  expect(readdirSync(join(projectRoot, figuresFolder)).sort()).toEqual([...drawn.keys()].sort());
  for (const [name, text] of drawn) expect(textOf(join(figuresFolder, name))).toBe(text);
  const boxes = Object.values(figures).flatMap((figure) => figure.boxes);
  expect(boxes.length).toBeGreaterThan(20);
  const declares = (text: string, name: string) =>
    new RegExp(`(?:function\\*?|class|private async|const) ${name}\\b`).test(text);
  expect(boxes.filter(({ file, name }) => !declares(textOf(file), name)).map(({ name }) => name)).toEqual([]);
});

/** Files that commands write, which docs name without a folder of this repository. */
const placeOf =
  /^(?:index\.ts|(?:src|scripts|models|experiments|eslint|__tests__|docs|results)\/[\w./*-]*\w)$/;

it.each(['CONTRIBUTING.md', ...handWritten.map((name) => join('docs', name))])(
  '%s names only files and links that exist',
  (page) => {
    const text = textOf(page);
    const paths = [...text.matchAll(/`([^`\n]+)`/g)].map(([, word]) => word!);
    const named = paths.filter((word) => placeOf.test(word) && !/FAMILY|NAME|\*/.test(word));
    expect(named.filter((path) => !existsSync(join(projectRoot, path)))).toEqual([]);
    const links = [...text.matchAll(/\]\((?!http|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, path]) => path!);
    expect(links.filter((path) => !existsSync(join(projectRoot, dirname(page), path)))).toEqual([]);
  },
);

it('names in docs/architecture.md only functions, types and fields that the code has', () => {
  const sources = execFileSync('git', ['ls-files', 'src', 'index.ts', 'models'], {
    cwd: projectRoot,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path.endsWith('.ts'))
    .map(textOf)
    .join('\n');
  const words = [...textOf('docs/architecture.md').matchAll(/`([A-Za-z]*[a-z][A-Z]\w*)`/g)].map(
    ([, word]) => word!,
  );
  expect(words.length).toBeGreaterThan(20);
  expect(words.filter((word) => !new RegExp(`\\b${word}\\b`).test(sources))).toEqual([]);
});

/** The hunks of a diff: each one's file, and the lines that the file has before. */
interface Hunk {
  readonly file: string;
  readonly lines: readonly string[];
}

function hunksOf(diff: string): Hunk[] {
  return diff.split(/^(?=--- )/m).flatMap((part) => {
    const file = /^--- a\/(.*)$/m.exec(part)?.[1];
    if (file === undefined) return []; // of a new file
    const hunks = part.split(/^@@ .*\n/m).slice(1);
    return hunks.map((hunk) => ({
      file,
      lines: hunk.split('\n').flatMap((line) => (/^[ -]/.test(line) ? [line.slice(1)] : [])),
    }));
  });
}

/** The most lines that may have been added within a hunk. */
const room = 80;

/** Whether the lines are there in their order and near each other, whatever was added between them. */
function standsIn(text: readonly string[], lines: readonly string[]): boolean {
  return text.some((first, start) => {
    if (first !== lines[0]) return false;
    let next = 0;
    for (const line of text.slice(start, start + lines.length + room)) if (line === lines[next]) next++;
    return next === lines.length;
  });
}

const withDiffs = handWritten.filter((name) => textOf(join('docs', name)).includes('```diff'));

it.each(withDiffs)('the diffs in docs/%s stand in the code as it is, but for lines added since', (name) => {
  const diffs = [...textOf(join('docs', name)).matchAll(/```diff\n([^]*?\n)```/g)].map(([, diff]) => diff!);
  // Reads the diffs without looking at the files: their headers must count their lines.
  const read = () =>
    execFileSync('git', ['apply', '--numstat', '-'], {
      cwd: projectRoot,
      input: diffs.join(''),
      stdio: 'pipe',
    });
  expect(read).not.toThrow();
  const lost = hunksOf(diffs.join('')).filter(
    ({ file, lines }) => !standsIn(textOf(file).split('\n'), lines),
  );
  expect(lost).toEqual([]);
});

it('a line that a diff shows and the code lacks is found, one that was added between is passed over', () => {
  const [hunk] = hunksOf('--- a/x.ts\n+++ b/x.ts\n@@ -1,2 +1,3 @@\n one\n+new\n-two\n');
  expect(hunk).toEqual({ file: 'x.ts', lines: ['one', 'two'] });
  expect(standsIn(['zero', 'one', 'other', 'two'], hunk!.lines)).toBe(true);
  expect(standsIn(['two', 'one'], hunk!.lines)).toBe(false);
  expect(standsIn(['one', 'three'], hunk!.lines)).toBe(false);
  expect(standsIn(['one', ...Array<string>(100).fill(''), 'two'], hunk!.lines)).toBe(false);
});
