/** Pooling: the maximum, the mean or the sum of each window of a map. */
import { positions, type Rounding } from '../bench/correlate';
import type { Area } from '../../parts/map-canvas';
import { planeOf, type Plane } from '../plane';

/** How a map is pooled. */
export interface Pooling {
  readonly of: 'maximum' | 'mean' | 'sum';
  /** The side of the windows. */
  readonly size: number;
  readonly stride: number;
  /** Whether a window that hangs over the bottom or the right edge is left out, or counts what is inside. */
  readonly rounding: Rounding;
}

/** The number of windows of a map, down and across. */
function windowsOf({ height, width }: Plane, { size, stride, rounding }: Pooling) {
  const along = (side: number) => positions(side, 0, size, stride, rounding);
  return { rows: along(height), columns: along(width) };
}

/** The part of the map that an output reads: what hangs over the edge is cut off. */
export function windowAt(
  { height, width }: Plane,
  { size, stride }: Pooling,
  [row, column]: readonly [number, number],
): Area {
  const [top, left] = [row * stride, column * stride];
  return { top, left, height: Math.min(size, height - top), width: Math.min(size, width - left) };
}

/** The values of a window, row by row. */
export function valuesIn({ width, values }: Plane, area: Area): readonly number[] {
  return Array.from(
    { length: area.height * area.width },
    (_, at) => values[(area.top + Math.floor(at / area.width)) * width + area.left + (at % area.width)]!,
  );
}

/** Which value of a window is its maximum; of equal ones the first, as TensorFlow takes it. */
export function winnerOf(values: readonly number[]): number {
  return values.reduce((best, value, at) => (value > values[best]! ? at : best), 0);
}

/** The maximum, the mean or the sum of a window. */
export function poolOf(values: readonly number[], of: Pooling['of']): number {
  if (of === 'maximum') return values[winnerOf(values)]!;
  const sum = values.reduce((total, value) => total + value, 0);
  return of === 'sum' ? sum : sum / values.length;
}

/** The pooled map; null if no window fits. */
export function pooled(plane: Plane, pooling: Pooling): Plane | null {
  const { rows, columns } = windowsOf(plane, pooling);
  if (rows * columns === 0) return null;
  return planeOf(rows, columns, (row, column) =>
    poolOf(valuesIn(plane, windowAt(plane, pooling, [row, column])), pooling.of),
  );
}

/** Where a map's content goes, in pixels. */
export const shifts = { left: [0, -1], right: [0, 1], up: [-1, 0], down: [1, 0] } as const satisfies Record<
  string,
  readonly [down: number, right: number]
>;

export type Shift = keyof typeof shifts;

/** The map moved by a pixel; the edge that becomes free repeats its values. */
export function shifted({ height, width, values }: Plane, shift: Shift): Plane {
  const [down, right] = shifts[shift];
  const within = (place: number, side: number) => Math.min(side - 1, Math.max(0, place));
  return planeOf(
    height,
    width,
    (row, column) => values[within(row - down, height) * width + within(column - right, width)]!,
  );
}

/** How two maps of one size differ. */
export interface Change {
  /** The part of the values that are not the same, from 0 to 1. */
  readonly share: number;
  readonly largest: number;
  /** The mean of all differences' sizes. */
  readonly mean: number;
}

/** What is not more is the rounding of single precision, in which flat parts of a layer's maps are not quite flat. */
const rounding = 1e-6;

export function changeOf(before: Plane, after: Plane): Change {
  const sizes = before.values.map((value, at) => Math.abs(after.values[at]! - value));
  const count = sizes.length;
  return {
    share: sizes.filter((size) => size > rounding).length / count,
    largest: sizes.reduce((most, size) => Math.max(most, size), 0),
    mean: sizes.reduce((sum, size) => sum + size, 0) / count,
  };
}
