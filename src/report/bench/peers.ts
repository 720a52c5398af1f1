/** Compares speeds with those of other toolkits that were measured in turns. */
import { deviceOf, type Device } from '../../core/text/device';
import { markdownTable, speedCell } from '../../core/text/markdown-table';

/** One way to compute a network, timed in turns with others. */
export interface Timed {
  /** Such as `ours` or `PyTorch, channels last`. */
  readonly name: string;
  /** Ours, Python's, or tfjs-node's as a user would have it without us. */
  readonly side: 'ours' | 'peer' | 'stock';
  /** Milliseconds of the median pass of each round. */
  readonly training: readonly number[];
  readonly inference: readonly number[];
  /** Largest difference of a class score from ours on the same weights and images, over the largest score. */
  readonly scoreDifference: number;
}

/** What one alternating run found for one network, batch and precision. */
export interface PeerBench {
  readonly network: string;
  readonly batch: number;
  readonly precision: string;
  readonly timed: readonly Timed[];
}

/** A comparison as it lies on file. */
export interface PeerBenchOnFile extends PeerBench {
  readonly machine: Device;
  readonly commit: string | null;
}

/** How much faster ours is than another: medians of the rounds' ratios, and their range. */
export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

const noneOnFile = 'No comparison is on file yet.';

/** The time of `other` over the time of `ours`, round by round. */
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

/** Ours against the fastest of the others of a side, by its median time; null where there is none. */
export function againstBest(
  { timed }: PeerBench,
  side: 'peer' | 'stock',
  work: 'training' | 'inference',
): { readonly name: string; readonly ratio: Ratio } | null {
  const ours = timed.find((one) => one.side === 'ours')!;
  const [best] = timed.filter((one) => one.side === side).sort((a, b) => median(a[work]) - median(b[work]));
  return best ? { name: best.name, ratio: ratioOf(ours[work], best[work]) } : null;
}

/** All found speeds and ratios, in Markdown: one table for training, one for inference. */
export function peersTables(benches: readonly PeerBench[]): string {
  if (benches.length === 0) return noneOnFile;
  return (['training', 'inference'] as const)
    .map(
      (work) =>
        `${work === 'training' ? 'Training' : 'Inference'}, images/s:\n\n${peersTable(benches, work)}`,
    )
    .join('\n\n');
}

/** The tables of each device, under its name, in Markdown. */
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

/** Ratios alone, a line for each network and batch, in Markdown: training and inference, for each kind of device. */
export function peersSummary(benches: readonly PeerBenchOnFile[]): string {
  if (benches.length === 0) return noneOnFile;
  const caseOf = ({ network, batch }: PeerBench) => `\`${network}\`, ${batch}`;
  const columnOf = ({ machine, precision }: PeerBenchOnFile) =>
    `${machine.gpu === undefined ? 'CPU' : 'GPU'}, ${precision}`;
  // CPU before GPU, float32 before what has half its bits.
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
