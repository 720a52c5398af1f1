/** What became of each tensor of an import, as text for a terminal. */
import { printable } from '../core/errors';
import { differencesOf, type MappingReport, type MappingRow } from '../weights/import/mapping-report';
import { weightsText } from '../weights/not-loaded';
import { conventionNames, type Convention } from '../weights/import/toolkit-layout';
import { columns } from '../core/text/columns';

/** What became of each tensor of an import, one line for each, and the number of tensors of each kind. */
export function mappingText(report: MappingReport): string {
  const { network, convention, byPosition, notes = [], rows } = report;
  const table = [['network', '', 'file', '', ''], ...rows.map(cells)];
  const order = byPosition ? ['the file names no layers: of each kind they were taken in their order'] : [];
  return [
    ...columns(table, []),
    '',
    ...order,
    ...notes.map(printableNote),
    summary(network, convention, rows),
    ...architectureLines(report),
  ].join('\n');
}

/** Whether the network in the file is ours. */
function architectureLines(report: MappingReport): readonly string[] {
  const { architecture, network, told } = report;
  const first = told?.differences ?? [];
  const earlier =
    first.length > 0
      ? [
          `its weights were trained in another network than ${network}, and imported despite it, as the file tells:`,
          ...first.map((line) => `  ${printableNote(line)}`),
        ]
      : told?.uncompared !== undefined
        ? [
            `what its layers compute was not compared with ${network} when its weights were first imported: ${printableNote(told.uncompared)}`,
          ]
        : [];
  if (!architecture) return [];
  if ('uncompared' in architecture)
    return [
      `what its layers compute was not compared with ${network}: ${architecture.uncompared}`,
      ...(first.length > 0 ? earlier : []),
    ];
  const differences = differencesOf(report);
  if (differences.length === 0 && earlier.length > 0) return earlier;
  if (differences.length === 0)
    return [`its layers compute what ${network}’s do, by what the file says of them`];
  return [
    `its layers differ from ${network}’s, by what the file says of them:`,
    ...differences.map((line) => `  ${line}`),
    ...earlier,
  ];
}

function cells(row: MappingRow): readonly string[] {
  if (row.state === 'skipped')
    return [
      '',
      '',
      printable(row.tensor),
      sizes(row.found),
      row.expected ? 'skipped, a mere count' : 'skipped',
    ];
  const head = row.auxiliary ? ', auxiliary head' : '';
  const ours = [row.weight, sizes(row.shape), row.tensor];
  switch (row.state) {
    case 'loaded':
      return [...ours, sizes(row.stored), `loaded${head}`];
    case 'missing':
      return [...ours, '-', `${row.told ? 'never loaded, as the file tells' : 'missing'}${head}`];
    case 'wrongShape':
      return [...ours, sizes(row.found), `wrong shape, expected ${sizes(row.stored)}${head}`];
    default:
      return row satisfies never;
  }
}

function summary(network: string, convention: Convention, rows: readonly MappingRow[]): string {
  const count = (wanted: (row: MappingRow) => boolean) => rows.filter(wanted).length;
  const heads = count((row) => row.state === 'missing' && row.auxiliary);
  const parts = [
    `${count(({ state }) => state === 'loaded')} loaded`,
    `${count(({ state }) => state === 'missing')} missing${heads > 0 ? ` (${heads} of auxiliary heads, which evaluation drops)` : ''}`,
    `${count(({ state }) => state === 'wrongShape')} of another shape`,
    `${count(({ state }) => state === 'skipped')} skipped`,
  ];
  return `${network}, from a file with ${conventionNames[convention]}’s names: ${parts.join(', ')}`;
}

/**
 * The weights of an import that keep their initial values: one line for those that affect the scores, and one for the
 * others. Empty if all are loaded.
 */
export function notLoadedLines({ rows }: MappingReport): readonly string[] {
  const drawn = rows.flatMap((row) => (row.state === 'missing' || row.state === 'wrongShape' ? [row] : []));
  const lines = [
    [drawn.filter((row) => !row.auxiliary), 'and its answers depend on them'],
    [drawn.filter((row) => row.auxiliary), 'auxiliary heads, which evaluation drops'],
  ] as const;
  return lines.flatMap(([own, what]) =>
    own.length === 0
      ? []
      : [`not loaded, but drawn at random: ${weightsText(own.map(({ weight }) => weight))}; ${what}`],
  );
}

/** The text contains names from the file. */
const printableNote = (note: string) => note.replaceAll(/\p{Cc}/gu, '?');

const sizes = (shape: readonly number[]) => `[${shape.join(', ')}]`;
