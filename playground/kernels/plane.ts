/** One map of numbers, and what is said of all its values. */
import { mapOf, type LayerOutput } from '../../src/describe/units/activations';

/** A map: rows of grey values, of sums, or of a layer's outputs. */
export interface Plane {
  readonly height: number;
  readonly width: number;
  /** `[height, width]`, row by row. */
  readonly values: Float32Array;
}

/** Makes a map of the value at each place. */
export function planeOf(height: number, width: number, at: (row: number, column: number) => number): Plane {
  const values = new Float32Array(height * width);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) values[row * width + column] = at(row, column);
  return { height, width, values };
}

/** One map of a layer's output; undefined if the output has no maps, or not this one. */
export function planeOfOutput(output: LayerOutput | undefined, map: number): Plane | undefined {
  if (output?.shape.length !== 3 || !(map < output.shape[2]!)) return undefined;
  return { height: output.shape[0]!, width: output.shape[1]!, values: mapOf(output, map) };
}

/** The unit of the greatest size, which a view begins with: there is something to be seen at it. */
export function strongest({ width, values }: Plane): readonly [row: number, column: number] {
  let best = 0;
  for (let at = 1; at < values.length; at++) if (Math.abs(values[at]!) > Math.abs(values[best]!)) best = at;
  return [Math.floor(best / width), best % width];
}

/** The largest difference of two maps, value by value; undefined if their sizes differ. */
export function largestDifference(one: Plane, other: Plane): number | undefined {
  if (one.height !== other.height || one.width !== other.width) return undefined;
  return one.values.reduce((most, value, at) => Math.max(most, Math.abs(value - other.values[at]!)), 0);
}

/** All values as lines of text, the columns apart by tabs, with the seven digits that single precision has. */
export function planeText({ height, width, values }: Plane): string {
  const line = (row: number) => [...values.subarray(row * width, (row + 1) * width)].map(digits).join('\t');
  return Array.from({ length: height }, (_, row) => line(row)).join('\n');
}

function digits(value: number): string {
  return String(Number(value.toPrecision(7)));
}
