/**
 * `npm run options`: tries every option of every command in every mode of the command, each in a process and a folder
 * of its own, and writes docs/options.md. Ends with code 1 if an option is neither honoured nor refused in one line.
 * Arguments name the commands to try, by default all; the tables of the other commands stay unchanged.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../../src/core/errors';
import { machine } from '../../src/runtime/machine';
import { useBackend } from '../../src/runtime/backend';
import { writeFileAtomically } from '../../src/core/io/files';
import { commit, fail, note } from '../cli/terminal/output';
import { root, tablesOf, withBench } from './bench';
import { isItself, rowName, sampleFor, type CommandTable } from './declaration';
import { heldByChance, runCommand, tryCell, type Bench, type Outcome, type Verdict } from './run-cell';
import { optionsMarkdown, type TriedTable } from './markdown';
import { tables } from './tables/other-tables';

const page = join(root, 'docs', 'options.md');

/** The number of processes that run at once. */
const atOnce = 2;

async function makeTable(names: readonly string[]): Promise<void> {
  const chosen = tablesOf(names);
  const facts = { commit: commit(), machine: machine(await useBackend()) };
  await withBench(async (bench, work) => {
    for (const table of chosen) {
      const started = Date.now();
      const tried = await tryTable(bench, table, join(work, 'cells')).catch(noteError);
      if (!tried) continue;
      const wrong = [...wrongIn(tried), ...neverHonoured(tried)];
      for (const line of wrong) note(line);
      if (wrong.length > 0) process.exitCode = 1;
      else await keep({ ...tried, ...facts, minutes: (Date.now() - started) / 60_000 }, work);
    }
  });
}

/** An error in one command's modes does not prevent the others from being tried. */
function noteError(error: unknown): undefined {
  note(messageOf(error));
  process.exitCode = 1;
}

async function keep(tried: Parameters<typeof optionsMarkdown>[1][number], work: string): Promise<void> {
  const before = existsSync(page) ? await readFile(page, 'utf8') : '';
  const order = tables.map(({ command }) => command);
  await mkdir(dirname(page), { recursive: true });
  await writeFileAtomically(page, optionsMarkdown(before, [tried], order, work));
  note(`${tried.table.command}: written to ${page}`);
}

function wrongIn({ table: { command, modes }, cells }: TriedTable): readonly string[] {
  return cells.flatMap(({ name, verdicts }) =>
    verdicts.flatMap((verdict, index) =>
      verdict?.kind === 'wrong' ? [`${command}, ${modes[index]!.name}, ${name}: ${verdict.why}`] : [],
    ),
  );
}

async function tryTable(bench: Bench, table: CommandTable, cells: string): Promise<TriedTable> {
  const { command, modes, rows } = table;
  const folderOf = (...numbers: readonly number[]) =>
    join(cells, command.replace(':', '-'), numbers.join('-'));
  const bases = await inParallel(modes, (mode, index) => runCommand(bench, folderOf(index), command, mode));
  bases.forEach((base, index) => expectEnded(base, modes[index]!.until !== undefined));
  await inParallel(modes, async (mode, index) => {
    const again = await runCommand(bench, folderOf(index, rows.length), command, mode);
    const [changed] = heldByChance(table, mode, bases[index]!, again);
    if (changed !== undefined)
      throw new Error(`${command}, ${mode.name}: expected it the same twice, found otherwise: ${changed}`);
  });
  const all = rows.flatMap((row, at) => modes.map((mode, index) => ({ row, mode, at, index })));
  const verdicts = await inParallel(all, async ({ row, mode, at, index }): Promise<Verdict | null> => {
    if (isItself(row, mode)) return null;
    const folder = folderOf(index, at);
    const verdict = await tryCell(bench, folder, table, row, mode, bases[index]!);
    if (verdict.kind !== 'wrong') await rm(folder, { recursive: true, force: true });
    const how = verdict.kind === 'wrong' ? verdict.why : verdict.kind === 'refused' ? verdict.line : '';
    note(`${command}, ${mode.name}, ${rowName(row)}: ${verdict.kind} ${how}`);
    return verdict;
  });
  return {
    table,
    cells: rows.map((row, at) => ({
      name: rowName(row),
      words: sampleFor(row, { name: '', words: [] }).words,
      verdicts: modes.map((_, index) => verdicts[at * modes.length + index]!),
    })),
  };
}

function expectEnded({ words, code, stderr }: Outcome, interrupted: boolean): void {
  if (code === 0 || (interrupted && (code === null || code === 130))) return;
  throw new Error(
    `${words.join(' ')}: expected a mode that works, found that it ended with code ${code}: ${stderr}`,
  );
}

/** Options that no mode honours, other than those that are meant to be refused. */
function neverHonoured({ table: { command, rows }, cells }: TriedTable): readonly string[] {
  return cells.flatMap(({ name, verdicts }, index) => {
    const honoured = verdicts.some((verdict) => verdict?.kind === 'honoured');
    const meant = rows[index]!.refusedEverywhere !== undefined;
    const itself = verdicts.includes(null);
    if (meant && honoured)
      return [`${command}, ${name}: honoured, although ${rows[index]!.refusedEverywhere}`];
    return honoured || meant || itself ? [] : [`${command}, ${name}: honoured in no mode`];
  });
}

async function inParallel<T, R>(
  values: readonly T[],
  work: (value: T, index: number) => Promise<R>,
): Promise<R[]> {
  const found = new Array<R>(values.length);
  const left = values.map((value, index) => ({ value, index })).reverse();
  const one = async () => {
    for (let next = left.pop(); next; next = left.pop())
      found[next.index] = await work(next.value, next.index);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return found;
}

makeTable(process.argv.slice(2)).catch(fail);
