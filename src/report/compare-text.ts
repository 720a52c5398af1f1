/** The comparison as text for a terminal, as Markdown and as JSON. */
import { csv } from '../core/text/csv';
import { columns, count } from '../core/text/columns';
import type { ComparedRow } from './compare';
import { percent } from '../evaluate/evaluation-text';
import { markdownTable } from '../core/text/markdown-table';

const head = [
  'network',
  'year',
  'parameters',
  'multiply-adds',
  'images',
  'protocol',
  'ours',
  'the paper',
  'not comparable, for',
  'device, time',
  'command and commit',
] as const;

/** For a terminal: one line for each run, followed by the reasons why it cannot be compared. */
export function comparedText(rows: readonly ComparedRow[]): string {
  if (rows.length === 0) return 'no report is there to compare';
  const lines = columns(
    [
      ['network', 'year', 'images', 'metric', 'ours', 'the paper', 'run'],
      ...rows.map((row) => [
        row.network,
        String(row.year),
        `${count(row.images)} ${row.dataset}`,
        row.metric,
        percent(row.error),
        row.paper ? percent(row.paper.error) : '-',
        row.run,
      ]),
    ],
    [1, 4, 5],
  );
  return lines
    .flatMap((line, index) => {
      const remarks = rows[index - 1]?.remarks ?? [];
      return remarks.length > 0 ? [line, `    ${remarks.join('; ')}`] : [line];
    })
    .join('\n');
}

/** In Markdown, with everything that is known of each row. */
export function comparedMarkdown(rows: readonly ComparedRow[]): string {
  return markdownTable(
    head,
    rows.map((row) => cellsOf(row).map((cell) => cell.replaceAll('|', '\\|'))),
  );
}

/** CSV as in RFC 4180: a header, then one line for each row; errors are fractions. */
export function comparedCsv(rows: readonly ComparedRow[]): string {
  const keys = [
    'network',
    'year',
    'parameters',
    'multiplyAdds',
    'dataset',
    'images',
    'protocol',
    'metric',
    'error',
    'low95',
    'high95',
    'paperError',
    'paperProtocol',
    'paperWhere',
    'remarks',
    'run',
    'experiment',
    'seed',
    'seeds',
    'deviation',
    'trainedAlike',
    'report',
    'command',
    'commit',
    'device',
    'seconds',
  ] as const;
  const lines = rows.map((row) => {
    const flat: Record<(typeof keys)[number], string | number | null> = {
      ...row,
      low95: row.interval95[0],
      high95: row.interval95[1],
      paperError: row.paper?.error ?? null,
      paperProtocol: row.paper?.protocol ?? null,
      paperWhere: row.paper?.where ?? null,
      remarks: row.remarks.join('; '),
      seeds: row.seeds.map(({ seed }) => seed).join(' '),
    };
    return keys.map((key) => flat[key]);
  });
  return csv(keys, lines);
}

/** How far the runs of an experiment lie apart. */
function spread({ deviation, seeds }: ComparedRow): string {
  return deviation === null ? '' : `; ± ${percent(deviation)} between ${seeds.length} seeds`;
}

function cellsOf(row: ComparedRow): string[] {
  const interval = ` (${percent(row.interval95[0])} to ${percent(row.interval95[1])})`;
  return [
    `\`${row.network}\``,
    String(row.year),
    count(row.parameters),
    count(row.multiplyAdds),
    `${count(row.images)}, ${row.dataset}`,
    row.protocol,
    `**${percent(row.error)}** ${row.metric}${interval}${spread(row)}`,
    row.paper ? `${percent(row.paper.error)}, ${row.paper.protocol} (${row.paper.where})` : '-',
    row.remarks.join('; ') || '-',
    row.seconds === null ? row.device : `${row.device}, ${Math.round(row.seconds)} s`,
    `\`${row.command}\` at \`${row.commit ?? 'unknown'}\``,
  ];
}
