/** The axes of a curve: their range, where a value lies on them, and the values that are written beside them. */

export interface Axis {
  readonly kind: 'linear' | 'log';
  readonly least: number;
  readonly most: number;
}

export type Point = readonly [x: number, y: number];

/**
 * An axis that has all of some values; of a logarithmic one, those above 0. Values that are not finite are left out.
 * @param least what a linear axis begins with, if all values lie above it
 */
export function axisOf(values: readonly number[], kind: Axis['kind'], least = Infinity): Axis {
  const there = values.filter((value) => Number.isFinite(value) && (kind === 'linear' || value > 0));
  if (there.length === 0)
    return kind === 'log' ? { kind, least: 0.1, most: 10 } : { kind, least: 0, most: 1 };
  const low = there.reduce((found, value) => Math.min(found, value), kind === 'linear' ? least : Infinity);
  const high = there.reduce((found, value) => Math.max(found, value), -Infinity);
  if (kind === 'linear') return { kind, least: low, most: high > low ? high : low + 1 };
  // A log axis of less than a decade would have hardly a value beside it.
  const middle = Math.sqrt(low * high);
  return { kind, least: Math.min(low, middle / 2), most: Math.max(high, middle * 2) };
}

/** Where a value lies: 0 at the axis's start, 1 at its end; undefined if it lies nowhere. */
export function placeOn({ kind, least, most }: Axis, value: number): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (kind === 'linear') return (value - least) / (most - least);
  if (value <= 0) return undefined;
  return Math.log(value / least) / Math.log(most / least);
}

/** Round values within the axis, about as many as asked for, and at least two. */
export function ticksOf(axis: Axis, about = 5): readonly number[] {
  return axis.kind === 'linear' ? linearTicks(axis, about) : logTicks(axis, about);
}

function linearTicks({ least, most }: Axis, about: number): readonly number[] {
  const rough = (most - least) / about;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = decade * [1, 2, 5, 10].find((factor) => factor * decade >= rough * (1 - 1e-9))!;
  const first = Math.ceil(least / step - 1e-9);
  const count = Math.floor(most / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, at) => rounded((first + at) * step));
}

function logTicks({ least, most }: Axis, about: number): readonly number[] {
  const [from, to] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  const powers = Array.from({ length: to - from + 1 }, (_, at) => 10 ** (from + at));
  const within = (digits: readonly number[]) =>
    powers
      .flatMap((power) => digits.map((digit) => rounded(digit * power)))
      .filter((value) => value >= least && value <= most);
  const decades = within([1]);
  const every = Math.ceil(decades.length / about);
  if (decades.length >= 3) return decades.filter((_, at) => at % every === 0);
  const thirds = within([1, 2, 5]);
  return thirds.length >= 2 ? thirds : within([1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

/** A line through the points; it is interrupted where there is no place for one. */
export function pathOf(
  points: readonly Point[],
  toX: (x: number) => number,
  toY: (y: number) => number | undefined,
): string {
  let path = '';
  let isDown = false;
  for (const [x, y] of points) {
    const top = toY(y);
    if (top !== undefined) path += `${isDown ? 'L' : 'M'}${toX(x).toFixed(1)},${top.toFixed(1)}`;
    isDown = top !== undefined;
  }
  return path;
}

/** Without the last bits that a product in binary leaves. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
