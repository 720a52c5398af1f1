/** The tables of bench-data: images a second by one way of loading and another. */
import { columns } from '../../core/text/columns';
import { deviceOf, type Device } from '../../core/text/device';
import { markdownTable } from '../../core/text/markdown-table';
import { median } from './peers';

/** What one way to load images did in its turn. */
export interface Turn {
  readonly imagesPerSecond: number;
  /** Of all threads of the process together, for an image; null where it is another's. */
  readonly cpuMilliseconds: number | null;
}

/** One way to load images, timed in turns with others. */
export interface Fed {
  readonly name: string;
  /** One for each round. */
  readonly turns: readonly Turn[];
}

/** Speeds of one kind, and what they are measured against. */
export interface LoaderTable {
  /** Such as `reading`. */
  readonly what: string;
  readonly fed: readonly Fed[];
  /** Of two names in `fed`: the median of the rounds' ratios of their images a second. */
  readonly ratios: readonly { readonly of: string; readonly over: string; readonly ratio: number }[];
}

/** @param pairs of names whose ratio is wanted, where both are there */
export function loaderTable(
  what: string,
  fed: readonly Fed[],
  pairs: readonly (readonly [of: string, over: string])[],
): LoaderTable {
  const turnsOf = new Map(fed.map(({ name, turns }) => [name, turns]));
  const ratios = pairs.flatMap(([of, over]) => {
    const [ours, theirs] = [turnsOf.get(of), turnsOf.get(over)];
    if (!ours || !theirs) return [];
    const each = ours.map(({ imagesPerSecond }, round) => imagesPerSecond / theirs[round]!.imagesPerSecond);
    return [{ of, over, ratio: median(each) }];
  });
  return { what, fed, ratios };
}

/** For a terminal. */
export function loaderText({ what, fed, ratios }: LoaderTable): string {
  const rows = fed.map(({ name, turns }) => {
    const speeds = turns.map(({ imagesPerSecond }) => imagesPerSecond);
    const cpu = turns.flatMap(({ cpuMilliseconds }) => cpuMilliseconds ?? []);
    return [
      name,
      speed(median(speeds)),
      `${speed(Math.min(...speeds))} to ${speed(Math.max(...speeds))}`,
      cpu.length > 0 ? median(cpu).toFixed(2) : '-',
    ];
  });
  return [
    ...columns([[what, 'images/s', 'range', 'CPU ms an image'], ...rows], [1, 2, 3]),
    '',
    ...columns(
      ratios.map(({ of, over, ratio }) => [`${of} over ${over}`, ratio.toFixed(3)]),
      [1],
    ),
  ].join('\n');
}

/** What the results' page reads of a `bench-data --json`. */
export interface LoaderTableOnFile extends LoaderTable {
  readonly folder: string;
  readonly images?: number;
  /** What `images` was called by earlier releases. */
  readonly pictures?: number;
  readonly rounds: number;
  readonly command: string;
  readonly commit: string | null;
  readonly machine: Device;
}

/** All comparisons on file, in Markdown. */
export function loaderTables(onFile: readonly LoaderTableOnFile[]): string {
  if (onFile.length === 0) return 'None is on file yet.';
  return markdownTable(
    ['images', 'what', 'images/s, medians', 'ratios', 'device, command and commit'],
    onFile.map(({ folder, images, pictures, what, fed, ratios, command, commit, machine }) => [
      `${images ?? pictures} of ${folder}`,
      what,
      fed
        .map(({ name, turns }) => `${name}: ${speed(median(turns.map((turn) => turn.imagesPerSecond)))}`)
        .join('; '),
      ratios.map(({ of, over, ratio }) => `${of} over ${over}: **${ratio.toFixed(2)}**`).join('; '),
      `${deviceOf(machine)}, \`${command.replace(/^cnn-lineage ([\w-]+)/, 'npm run $1 --')}\` at \`${commit ?? 'unknown'}\``,
    ]),
  );
}

function speed(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0);
}
