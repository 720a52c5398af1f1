/** Compares our speed with that of other toolkits, timed in alternation. */
import { deviceOf, type Device } from '../../core/text/device';
import { markdownTable, speedCell } from '../../core/text/markdown-table';

/** One program that computes a network, timed in alternation with others. */
export interface Timed {
  /** For example `ours` or `PyTorch, channels last`. */
  readonly name: string;
  /** Ours, one in Python, or plain tfjs-node as a user would have it without this project. */
  readonly side: 'ours' | 'peer' | 'stock';
  /** Milliseconds of the median pass in each round. */
  readonly training: readonly number[];
  readonly inference: readonly number[];
  /**
   * The largest difference between its class scores and ours on the same weights and images, relative to the largest
   * score.
   */
  readonly scoreDifference: number;
}

/** The result of one alternating run for one network, batch size and precision. */
export interface PeerBench {
  readonly network: string;
  readonly batch: number;
  readonly precision: string;
  readonly timed: readonly Timed[];
}

/** A comparison as stored in its file. */
export interface PeerBenchOnFile extends PeerBench {
  readonly machine: Device;
  readonly commit: string | null;
}

/** How much faster our program is than another: the median of the ratios of all rounds, and their range. */
export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

const noneOnFile = 'No comparison is on file yet.';

/** The time of `other` divided by the time of `ours`, for each round. */
export function ratioOf(ours: readonly number[], other: readonly number[]): Ratio {
  if (ours.length !== other.length || ours.length === 0) {
    throw new RangeError(
      `expected as many rounds of both, one at least, found ${ours.length} and ${other.length}`,
    );
  }
  const ratios = ours.map((time, round) => other[round]! / time).toSorted((a, b) => a - b);
  return { median: median(ratios), least: ratios[0]!, most: ratios.at(-1)! };
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

/** Our program compared with the fastest of the others of one side, by median time; null where there is no other. */
export function againstBest(
  { timed }: PeerBench,
  side: 'peer' | 'stock',
  work: 'training' | 'inference',
): { readonly name: string; readonly ratio: Ratio } | null {
  const ours = timed.find((one) => one.side === 'ours')!;
  const [best] = timed.filter((one) => one.side === side).sort((a, b) => median(a[work]) - median(b[work]));
  return best ? { name: best.name, ratio: ratioOf(ours[work], best[work]) } : null;
}

/** All measured speeds and ratios, in Markdown: one table for training, one for inference. */
export function peersTables(benches: readonly PeerBench[]): string {
  if (benches.length === 0) return noneOnFile;
  return (['training', 'inference'] as const)
    .map(
      (work) =>
        `${work === 'training' ? 'Training' : 'Inference'}, images/s:\n\n${peersTable(benches, work)}`,
    )
    .join('\n\n');
}

/** The tables of each device under the device's name, in Markdown. */
export function peersByDevice(benches: readonly PeerBenchOnFile[]): string {
  if (benches.length === 0) return noneOnFile;
  return [...new Set(benches.map(({ machine }) => deviceOf(machine)))]
    .map((device) => {
      const own = benches.filter(({ machine }) => deviceOf(machine) === device);
      const commits = [...new Set(own.map(({ commit }) => `\`${commit ?? 'unknown'}\``))];
      return `On ${device}, at ${commits.join(', ')}.\n\n${peersTables(own)}`;
    })
    .join('\n\n');
}

/**
 * The ratios alone, in Markdown: a row for each network and batch size, with training and inference on each kind of
 * device.
 */
export function peersSummary(benches: readonly PeerBenchOnFile[]): string {
  if (benches.length === 0) return noneOnFile;
  const caseOf = ({ network, batch }: PeerBench) => `\`${network}\`, ${batch}`;
  const columnOf = ({ machine, precision }: PeerBenchOnFile) =>
    `${machine.gpu === undefined ? 'CPU' : 'GPU'}, ${precision}`;
  // CPU before GPU, and float32 before the 16-bit formats.
  const rank = (column: string) => column.replace('float32', '');
  const columns = [...new Set(benches.map(columnOf))].sort((a, b) => rank(a).localeCompare(rank(b)));
  const cell = (name: string, column: string, side: 'peer' | 'stock') => {
    const bench = benches.find((one) => caseOf(one) === name && columnOf(one) === column);
    const ratios = (['training', 'inference'] as const).map(
      (work) => bench && againstBest(bench, side, work),
    );
    return ratios[0] && ratios[1] ? ratios.map((found) => found!.ratio.median.toFixed(2)).join(' / ') : '-';
  };
  const stock = columns.filter((column) => column.endsWith('float32'));
  return markdownTable(
    ['network, batch', ...columns, ...stock.map((column) => `over stock tfjs-node: ${column}`)],
    [...new Set(benches.map(caseOf))].map((name) => [
      name,
      ...columns.map((column) => cell(name, column, 'peer')),
      ...stock.map((column) => cell(name, column, 'stock')),
    ]),
  );
}

function peersTable(benches: readonly PeerBench[], work: 'training' | 'inference'): string {
  const names = [...new Set(benches.flatMap(({ timed }) => timed.map(({ name }) => name)))];
  const rows = benches.map((bench) => [
    `\`${bench.network}\`, ${bench.batch}, ${bench.precision}`,
    ...names.map((name) => {
      const one = bench.timed.find((other) => other.name === name);
      return one ? speedCell((1000 * bench.batch) / median(one[work])) : '-';
    }),
    ratioCell(againstBest(bench, 'peer', work)),
    ratioCell(againstBest(bench, 'stock', work)),
  ]);
  return markdownTable(
    ['network, batch, precision', ...names, 'ours over the better of Python’s', 'ours over stock tfjs-node'],
    rows,
  );
}

function ratioCell(found: ReturnType<typeof againstBest>): string {
  if (!found) return '-';
  const { median: middle, least, most } = found.ratio;
  return `**${middle.toFixed(2)}** (${least.toFixed(2)} to ${most.toFixed(2)})`;
}
