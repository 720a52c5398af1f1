/** Squashing functions, and what they do to a map. */
import { amplitude, slope } from '../../../src/layers/scaled-tanh';
import { rangeOf, type Plane } from '../plane';

/** Functions of a unit's sum a. */
export const squashings = {
  /** 1 / (1 + e⁻ᵃ). */
  logistic: (a: number) => 1 / (1 + Math.exp(-a)),
  tanh: (a: number) => Math.tanh(a),
  /** 1.7159 tanh(2a/3): LeCun, Bottou, Bengio, Haffner 1998, Appendix A. */
  scaledTanh: (a: number) => amplitude * Math.tanh(slope * a),
  /** max(0, a): Krizhevsky, Sutskever, Hinton 2012, §3.1. */
  relu: (a: number) => Math.max(0, a),
} as const;

export type Squashing = keyof typeof squashings;

export const squashingNames = Object.keys(squashings) as readonly Squashing[];

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
