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

it.each(handWritten.filter((name) => textOf(join('docs', name)).includes('```diff')))(
  'the diffs in docs/%s apply to the code as it is',
  (name) => {
    const diffs = [...textOf(join('docs', name)).matchAll(/```diff\n([^]*?\n)```/g)].map(([, diff]) => diff!);
    expect(() =>
      execFileSync('git', ['apply', '--check', '-'], {
        cwd: projectRoot,
        input: diffs.join(''),
        stdio: 'pipe',
      }),
    ).not.toThrow();
  },
);
