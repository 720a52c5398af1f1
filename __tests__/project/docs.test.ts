import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedNetworkPages, networksFolder } from '../../scripts/readme/readme';
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
