import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands } from '../../scripts/commands';
import { isItself, merged, rowName } from '../../scripts/options-table/declaration';
import { tables } from '../../scripts/options-table/tables/other-tables';
import { declaredBy } from '../support/declared-options';
import { projectRoot } from '../support/places';

const page = join(projectRoot, 'docs', 'options.md');
const text = existsSync(page) ? readFileSync(page, 'utf8') : '';

const nameOf = (command: unknown) => String(command).split(' ')[0]!;

/** The part of the page under a command's heading. */
function sectionOf(command: string): string {
  return text.split(/^## /m).find((part) => part.startsWith(`${command}\n`)) ?? '';
}

/** The table's rows, a list of cells each. */
function rowsIn(section: string): readonly (readonly string[])[] {
  const lines = section.split('\n').filter((line) => line.startsWith('| '));
  return lines.map((line) => line.slice(2, -2).split(' | '));
}

/** Commands that the page says were not tried yet. */
const untried = /^Not tried yet: (.*)\.$/m.exec(text)?.[1]?.split(', ') ?? [];

it('has a part in docs/options.md for every command but those that it says were not tried yet', () => {
  const names = tables.map(({ command }) => command);
  expect(names.filter((name) => sectionOf(name) === '')).toEqual(untried);
});

it('declares what every command is tried on', () => {
  expect(tables.map(({ command }) => command)).toEqual(commands.map(({ command }) => nameOf(command)));
});

describe.each(tables.map((table) => [table.command, table] as const))('%s', (name, { modes, rows }) => {
  const module = commands.find(({ command }) => nameOf(command) === name)!;

  it('has a row for each of its options, and none for what it does not know', async () => {
    const { options, positionals } = declaredBy(module.load());
    const own = rows.filter((row) => row.with === undefined).map(({ option }) => option);
    expect([...own].sort()).toEqual([...options].sort());
    const further = rows.filter((row) => row.with !== undefined).map(({ option }) => option);
    expect([...options, ...positionals]).toEqual(expect.arrayContaining(further));
  });

  it('has different modes, whose exceptions are of modes that there are', () => {
    const names = modes.map((mode) => mode.name);
    expect(new Set(names).size).toBe(names.length);
    for (const row of rows) expect(names).toEqual(expect.arrayContaining(Object.keys(row.in ?? {})));
  });

  it('has a verdict in docs/options.md for each option in each mode, where it was tried', () => {
    if (untried.includes(name)) return expect(sectionOf(name)).toBe('');
    const [header, , ...found] = rowsIn(sectionOf(name));
    expect(header).toEqual(['option', ...modes.map((mode) => mode.name)]);
    expect(found.map(([option]) => option)).toEqual(rows.map(rowName));
    found.forEach(([, ...cells], index) =>
      modes.forEach((mode, at) =>
        expect(cells[at]).toMatch(isItself(rows[index]!, mode) ? /^-$/ : /^(?:honoured|refused \d+)$/),
      ),
    );
  });

  it('gives in docs/options.md the line of each refusal', () => {
    const section = sectionOf(name);
    const numbers = rowsIn(section).flatMap((cells) =>
      cells.flatMap((cell) => /^refused (\d+)$/.exec(cell)?.[1] ?? []),
    );
    const lines = [...section.matchAll(/^(\d+)\. `.+`$/gm)].map(([, number]) => number!);
    expect(new Set(numbers)).toEqual(new Set(lines));
  });
});

it('puts a sample in the place of the option that it is of', () => {
  const base = ['lenet5', '--data', 'tiny', '--top', '1', '--json'];
  expect(merged(base, ['--data', 'more', '--seed', '2'])).toEqual([
    'lenet5',
    '--top',
    '1',
    '--json',
    '--data',
    'more',
    '--seed',
    '2',
  ]);
  expect(merged(['a', '--data', 'b'], ['word', '--cache', 'c'])).toEqual([
    'word',
    'a',
    '--data',
    'b',
    '--cache',
    'c',
  ]);
});
