/** The results of fuzzing as a page of Markdown: results/fuzz. */
import type { Figures } from './fuzz-readers';

export interface FuzzRecord {
  readonly command: string;
  readonly commit: string | null;
  readonly device: string;
  readonly readers: readonly Figures[];
  readonly bombs: readonly Figures[];
}

const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;

/** The results of a fuzzing run as a page of Markdown. */
export function figuresText({ command, commit, device, readers, bombs }: FuzzRecord): string {
  const all = readers.reduce((sum, { mutants }) => sum + mutants, 0);
  const rows = readers.map(({ name, mutants, outcomes, before, peak, slowest }) => {
    const { same, refused, otherwise, stack, crash, hang } = outcomes;
    const counts = [mutants, same, refused, otherwise, stack, crash, hang];
    return [name, ...counts, megabytes(before), megabytes(peak), `${slowest.seconds.toFixed(2)} s`];
  });
  const heads = [
    'reader',
    'mutants',
    'read the same',
    'refused in one line',
    'read otherwise',
    'stacks',
    'crashes',
    'hangs',
    'memory of sound files',
    'peak',
    'slowest',
  ];
  const bombHeads = ['bomb', 'memory before', 'peak', 'time', 'what is said'];
  const bombRows = bombs.map(({ name, before, peak, slowest, said, faults }) => [
    name,
    megabytes(before),
    megabytes(peak),
    `${slowest.seconds.toFixed(2)} s`,
    said ?? faults[0] ?? 'read',
  ]);
  const faults = [...readers, ...bombs].flatMap(({ name, faults }) =>
    faults.map((fault) => `- ${name}: ${fault.split('\n')[0]}`),
  );
  return [
    '# Damaged and hostile files',
    '',
    `${all} mutants of sound files and ${bombs.length} bombs. \`${command}\` at \`${(commit ?? 'no commit').slice(0, 12)}\`, ${device}. Memory is the resident memory of the reader’s whole process, its TypeScript compiler included. Formats without a checksum (IDX, CIFAR, BMP, Caffe, safetensors of others, texts) are read otherwise where numbers or letters were changed; files that are kept with a digest never are.`,
    '',
    table(heads, rows),
    '',
    table(bombHeads, bombRows),
    '',
    ...(faults.length > 0 ? ['## Faults', '', ...faults, ''] : []),
  ].join('\n');
}

function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
