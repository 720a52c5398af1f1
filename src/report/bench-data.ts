import { columns } from './columns';
import { median } from './peers';

/** One way to feed a network, timed in turns with others. */
export interface Fed {
  readonly name: string;
  /** Images a second, of each round. */
  readonly imagesPerSecond: readonly number[];
}

/** Speeds of one kind, and what they are measured against. */
export interface FeedTable {
  /** Such as `reading`. */
  readonly what: string;
  readonly fed: readonly Fed[];
  /** Of two names in `fed`: the median of the rounds' ratios. */
  readonly ratios: readonly { readonly of: string; readonly over: string; readonly ratio: number }[];
}

/** Makes a table of what was timed: a ratio is the median of the rounds' ratios. */
export function feedTable(
  what: string,
  fed: readonly Fed[],
  pairs: readonly (readonly [of: string, over: string])[],
): FeedTable {
  const speeds = new Map(fed.map(({ name, imagesPerSecond }) => [name, imagesPerSecond]));
  const ratios = pairs.flatMap(([of, over]) => {
    const [ours, theirs] = [speeds.get(of), speeds.get(over)];
    if (!ours || !theirs) return [];
    return [{ of, over, ratio: median(ours.map((speed, round) => speed / theirs[round]!)) }];
  });
  return { what, fed, ratios };
}

/** For a terminal. */
export function feedText({ what, fed, ratios }: FeedTable): string {
  const speed = (value: number) => value.toFixed(value < 100 ? 1 : 0);
  const rows = fed.map(({ name, imagesPerSecond }) => [
    name,
    speed(median(imagesPerSecond)),
    `${speed(Math.min(...imagesPerSecond))} to ${speed(Math.max(...imagesPerSecond))}`,
  ]);
  return [
    ...columns([[what, 'images/s', 'range'], ...rows], [1]),
    '',
    ...columns(
      ratios.map(({ of, over, ratio }) => [`${of} over ${over}`, ratio.toFixed(3)]),
      [1],
    ),
  ].join('\n');
}
