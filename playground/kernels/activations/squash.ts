/** What squashing functions do to a map, and how its values are spread. */
import { squashings, type Squashing } from '../../model/squashing';
import { rangeOf } from '../../../src/describe/draw/palette';
import type { Plane } from '../plane';

/** The function of every value of a map. */
export function squashedPlane(plane: Plane, squashing: Squashing): Plane {
  return { ...plane, values: plane.values.map((value) => squashings[squashing](value)) };
}

/** How many values lie in each of some bins of one width. */
export interface Histogram {
  readonly least: number;
  readonly most: number;
  /** From the least to the most; a value on a border counts above it, and the last bin holds the greatest. */
  readonly counts: readonly number[];
}

/** The counts of values in bins from the least of them to the greatest; equal values are all in the first. */
export function histogramOf(values: ArrayLike<number>, bins = 20): Histogram {
  const [least, most] = rangeOf(values);
  const counts = Array<number>(bins).fill(0);
  for (let at = 0; at < values.length; at++) {
    const share = most > least ? (values[at]! - least) / (most - least) : 0;
    counts[Math.min(bins - 1, Math.floor(share * bins))]! += 1;
  }
  return { least, most, counts };
}
