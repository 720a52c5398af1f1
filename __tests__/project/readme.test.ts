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
  expect(await generatedDocument(name, text)).toBe(text);
});

describe('README.zh-CN.md', () => {
  const chinese = readFileSync(join(root, 'README.zh-CN.md'), 'utf8');
  const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, part]) => part!);
  const withoutRemarks = (code: string) => code.replace(/ +(#|\/\/) .*$/gm, '');

  it('has the commands and programs of README.md, in their order', () => {
    const programs = (text: string) => found(text, /^```[a-z]*\n([^]*?)^```$/gm).map(withoutRemarks);
    expect(programs(readme).length).toBeGreaterThan(5);
    expect(programs(chinese)).toEqual(programs(readme));
    const commands = (text: string) => [...new Set(found(withoutCode(text), /`(npm[^`]*|--[^`]*)`/g))].sort();
    expect(commands(chinese)).toEqual(commands(readme));
  });

  it('has its sections, tables, pictures and links', () => {
    const sections = (text: string) => found(withoutCode(text), /^(##) /gm).length;
    expect(sections(chinese)).toBe(sections(readme));
    const tables = (text: string) => found(text, /^<!-- (\w+) -->$/gm);
    expect(tables(chinese)).toEqual(tables(readme));
    const links = (text: string) =>
      found(text, /\]\(([^)]+)\)/g).filter((link) => !link.startsWith('README'));
    expect(links(chinese).sort()).toEqual(links(readme).sort());
  });

  it('has its figures', () => {
    // Whole numbers, decimals and percentages, wherever they stand in a section.
    const figures = (text: string) =>
      text.split(/^## /m).map((part) => found(part, /(\d[\d,.]*\d|\d)/g).sort());
    expect(figures(chinese)).toEqual(figures(readme));
  });

  function withoutCode(text: string): string {
    return text.replace(/^```[^]*?^```$/gm, '');
  }
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

it('shows a picture before its first heading, and links to the Chinese README', () => {
  const top = readme.slice(0, readme.indexOf('\n## '));
  expect(top).toMatch(/!\[[^\]]+\]\([^)]+\.png\)/);
  expect(top).toContain('(README.zh-CN.md)');
});

it('has at most 200 lines', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(200);
});
