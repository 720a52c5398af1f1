/**
 * `npm run ways`: starts every command in terminals, on pipes, from another folder and under an npm that is ended, as
 * users do, and writes docs/ways.md. Ends with code 1 if one fails. Arguments name the commands to try, by default all;
 * the rows of the other commands stay unchanged.
 */
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { machine } from '../../src/runtime/machine';
import { useBackend } from '../../src/runtime/backend';
import { writeFileAtomically } from '../../src/core/io/files';
import { commit, fail, note } from '../cli/terminal/output';
import { root, tablesOf, withBench } from './bench';
import { tables } from './tables/other-tables';
import { ways, type Trial } from './ways';

const page = join(root, 'docs', 'ways.md');

async function tryWays(names: readonly string[]): Promise<void> {
  const chosen = tablesOf(names);
  const { cpu, cores, backend } = machine(await useBackend());
  const where = `\`${commit() ?? 'no commit'}\`, ${new Date().toISOString().slice(0, 10)}, ${cpu}, ${cores} cores, ${backend}`;
  await withBench(async ({ given }, work) => {
    for (const { command, modes } of chosen) {
      const { words, until } = modes[0]!;
      const row = await tryCommand(
        { command, words, given, root, ...(until && { until }) },
        join(work, 'ways'),
      );
      if (row) await keep(command, `| ${[...row, where].join(' | ')} |`);
      else process.exitCode = 1;
    }
  });
}

/** @returns the cells of the command's row, or undefined if a way fails */
async function tryCommand(trial: Trial, folder: string): Promise<readonly string[] | undefined> {
  const cells: string[] = [];
  let failed = false;
  for (const [index, way] of ways.entries()) {
    const found = await way.trial(trial, join(folder, `${trial.command.replace(':', '-')}-${index}`));
    const line = `${trial.command}, ${way.name}: ${'wrong' in found ? `wrong ${found.wrong}` : found.said}`;
    note(line);
    if ('wrong' in found) failed = true;
    else cells.push(found.said);
    await rm(folder, { recursive: true, force: true });
  }
  const line = ['npm run', trial.command, ...(trial.words.length > 0 ? ['--', ...trial.words] : [])].join(
    ' ',
  );
  return failed ? undefined : [`\`${line}\``, ...cells];
}

/** Writes the page with a command's new row in place of the old one. */
async function keep(command: string, row: string): Promise<void> {
  const before = existsSync(page) ? await readFile(page, 'utf8') : '';
  const rowOf = (name: string) =>
    name === command
      ? row
      : before
          .split('\n')
          .find(
            (line) => line.startsWith(`| \`npm run ${name}\``) || line.startsWith(`| \`npm run ${name} `),
          );
  const names = tables.map((table) => table.command);
  const untried = names.filter((name) => rowOf(name) === undefined);
  const rows = names.flatMap((name) => rowOf(name) ?? []);
  await writeFileAtomically(page, [...introduction(untried), ...rows, ''].join('\n'));
}

function introduction(untried: readonly string[]): readonly string[] {
  const names = ['command', ...ways.map(({ name }) => name), 'tried at'];
  return [
    '# Ways to start, watch and end a command',
    '',
    'Each cell is a command that was run, by `npm run ways`, or `npm run ways -- COMMAND …` for some; the program judges it:',
    '',
    ...ways.map(({ name, meaning }) => `- **${name}**: ${meaning}.`),
    '',
    ...(untried.length > 0 ? [`Not tried yet: ${untried.join(', ')}.`, ''] : []),
    `| ${names.join(' | ')} |`,
    `|${' --- |'.repeat(names.length)}`,
  ];
}

tryWays(process.argv.slice(2)).catch(fail);
