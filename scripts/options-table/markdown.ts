/** The table of options as Markdown: docs/options.md. */
import type { Machine } from '../../src/runtime/machine';
import type { CommandTable } from './declaration';
import type { Verdict } from './run-cell';

/** A command's table as it was found: a verdict for each mode, null where the mode is that option. */
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

/** @param folder whose name no line shows */
export function optionsMarkdown(tried: readonly TriedTable[], facts: Facts, folder: string): string {
  const { cpu, cores, backend } = facts.machine;
  const date = new Date().toISOString().slice(0, 10);
  const on = [cpu, cores && `${cores} cores`, backend].filter(Boolean).join(', ');
  return [
    '# Options',
    '',
    `Made by \`npm run options\` at \`${facts.commit ?? 'no commit'}\` on ${date} in ${Math.round(facts.minutes)} minutes (${on}): each cell is a process that was run.`,
    '',
    'A column is a way to use the command. **honoured**: it was seen in what was written, printed or computed. **refused**: exit code 2, nothing written, and the line that bears the number. **-**: the mode is that option.',
    '',
    ...tried.flatMap((one) => section(one, folder)),
  ].join('\n');
}

function section({ table: { command, modes }, cells }: TriedTable, folder: string): readonly string[] {
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

/** Folders of one machine and one run are left out. */
function withoutPaths(line: string, folder: string): string {
  return line
    .replaceAll(new RegExp(`${folder}/cells/[^/ ]+/[\\d-]+/`, 'g'), '')
    .replaceAll(folder, '…')
    .replaceAll(/127\.0\.0\.1:\d{4,}/g, 'MIRROR')
    .replaceAll(/--network \S+ --out out --root/g, '--root');
}
