/** The tables of `bench-data`: images per second of each way of loading them. */
import { columns } from '../../core/text/columns';
import { deviceOf, type Device } from '../../core/text/device';
import { markdownTable } from '../../core/text/markdown-table';
import { median } from './peers';

/** What one way of loading images achieved in one of its turns. */
export interface Turn {
  readonly imagesPerSecond: number;
  /** CPU time per image, summed over all threads of this process; null where another process loads the images. */
  readonly cpuMilliseconds: number | null;
}

/** One way of loading images, timed in alternation with others. */
export interface Fed {
  readonly name: string;
  /** One turn for each round. */
  readonly turns: readonly Turn[];
}

/** Speeds of several loaders on one kind of work, and their ratios. */
export interface LoaderTable {
  /** Such as `reading`. */
  readonly what: string;
  readonly fed: readonly Fed[];
  /** Each for two names in `fed`: the median over the rounds of the ratio of their images per second. */
  readonly ratios: readonly { readonly of: string; readonly over: string; readonly ratio: number }[];
}

/** @param pairs the pairs of names to compare; a pair is left out where `fed` lacks one of its names */
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

/** The table as text for a terminal. */
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

/** What the results page reads from the output of `bench-data --json`. */
export interface LoaderTableOnFile extends LoaderTable {
  readonly folder: string;
  readonly images?: number;
  /** The name of `images` in earlier releases. */
  readonly pictures?: number;
  readonly rounds: number;
  readonly command: string;
  readonly commit: string | null;
  readonly machine: Device;
}

/** All recorded comparisons, in Markdown. */
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
