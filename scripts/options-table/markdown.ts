/** The table of options as Markdown: docs/options.md. */
import type { Machine } from '../../src/runtime/machine';
import type { CommandTable } from './declaration';
import type { Verdict } from './run-cell';

/** The results for a command's table: a verdict for each mode, null where the option defines the mode. */
export interface TriedTable {
  readonly table: CommandTable;
  readonly cells: readonly {
    readonly name: string;
    readonly words: readonly string[];
    readonly verdicts: readonly (Verdict | null)[];
  }[];
}

interface Facts {
  readonly commit: string | null;
  readonly machine: Machine;
  readonly minutes: number;
}

const introduction = [
  '# Options',
  '',
  'Every option of every command, tried in every way that the command is used: each cell is a process that was run, by `npm run options`, or `npm run options -- COMMAND …` for some.',
  '',
  'A column is a way to use the command. **honoured**: it was seen in what was written, printed or computed. **refused**: exit code 2, nothing written, and the line that bears the number. **-**: the mode is that option, or the lack of it.',
  '',
].join('\n');

/**
 * The page in which the sections of the commands that were tried replace the earlier ones.
 * @param before the current page
 * @param order of all commands
 * @param folder a folder whose name must not appear in any line
 */
export function optionsMarkdown(
  before: string,
  tried: readonly (TriedTable & Facts)[],
  order: readonly string[],
  folder: string,
): string {
  const sections = new Map(
    before
      .split(/^(?=## )/m)
      .slice(1)
      .map((text) => [/^## (\S+)/.exec(text)![1]!, `${text.trimEnd()}\n`]),
  );
  for (const one of tried) sections.set(one.table.command, section(one, folder).join('\n'));
  const missing = order.filter((command) => !sections.has(command));
  const untried = missing.length > 0 ? [`Not tried yet: ${missing.join(', ')}.\n`] : [];
  return `${[introduction, ...untried, ...order.flatMap((command) => sections.get(command) ?? [])].join('\n').trimEnd()}\n`;
}

function section(
  { table: { command, modes }, cells, commit, machine: { cpu, cores, backend }, minutes }: TriedTable & Facts,
  folder: string,
): readonly string[] {
  const lines: string[] = [];
  const cell = (verdict: Verdict | null): string => {
    if (verdict === null) return '-';
    if (verdict.kind !== 'refused') return verdict.kind;
    const line = withoutPaths(verdict.line, folder);
    if (!lines.includes(line)) lines.push(line);
    return `refused ${lines.indexOf(line) + 1}`;
  };
  const rows = cells.map(({ name, verdicts }) => `| ${[name, ...verdicts.map(cell)].join(' | ')} |`);
  return [
    `## ${command}`,
    '',
    `\`npm run options -- ${command}\` at \`${commit ?? 'no commit'}\`, ${new Date().toISOString().slice(0, 10)}, in ${minutes.toFixed(1)} minutes on ${cpu}, ${cores} cores, ${backend}. What shows an option was not there in two runs of the mode without it.`,
    '',
    `| option | ${modes.map(({ name }) => name).join(' | ')} |`,
    `| --- |${' --- |'.repeat(modes.length)}`,
    ...rows,
    '',
    ...modes.map(
      ({ name, words, environment }) => `- ${name}: \`${commandOf(command, words, environment)}\``,
    ),
    '',
    ...lines.map((line, index) => `${index + 1}. \`${line.replaceAll('`', '’')}\``),
    '',
  ];
}

function commandOf(
  command: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): string {
  const { LINEAGE_BACKEND: backend } = environment;
  return [...(backend ? [`LINEAGE_BACKEND=${backend}`] : []), command, ...words].join(' ');
}

/** Removes folders that are specific to one machine and one run. */
function withoutPaths(line: string, folder: string): string {
  return line
    .replaceAll(new RegExp(`${folder}/cells/[^/ ]+/[\\d-]+/`, 'g'), '')
    .replaceAll(folder, '…')
    .replaceAll(/127\.0\.0\.1:\d{4,}/g, 'MIRROR')
    .replaceAll(/--network \S+ --out out --root/g, '--root');
}
