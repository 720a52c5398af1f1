import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documents, generatedDocument } from '../../scripts/readme/readme';
import { networkNames } from '../../models/registry';
import { projectRoot } from '../support/places';

const root = projectRoot;
const readme = readFileSync(join(root, 'README.md'), 'utf8');

it.each(documents)('%s holds the tables that the code and the results on file give', async (name) => {
  const text = readFileSync(join(root, name), 'utf8');
  expect(text).toMatch(/<!-- \w+ -->/);
  expect(await generatedDocument(text)).toBe(text);
});

it('names only npm scripts, networks and files that exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...readme.matchAll(/npm run ([a-z:-]+)/g)].map(([, name]) => name!);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
  const networks = [...readme.matchAll(/(?:train|describe|bench) -- ([a-z0-9-]+)/g)].map(([, name]) => name!);
  expect(
    networks.filter((name) => !(networkNames as readonly string[]).includes(name) && !name.startsWith('--')),
  ).toEqual([]);
  const links = [...readme.matchAll(/\]\((?!http|#)([^)]+)\)/g)].map(([, path]) => path!);
  expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

it('has at most 200 lines', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(200);
});
