/** Derives a seed for each purpose, and generates random numbers from it. */
import { sha256 } from '@noble/hashes/sha2';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';

/**
 * A seed for one purpose, derived from the run's seed: `deriveSeed(seed, 'shuffle', epoch)`.
 * Different paths give unrelated seeds; the same path gives the same seed on every machine.
 * @returns a whole number in [0, 2^31)
 */
export function deriveSeed(seed: number, ...path: readonly (string | number)[]): number {
  const digest = sha256(JSON.stringify([seed, ...path]));
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0, true) >>> 1;
}

/** A source of random numbers that is passed as an argument; nothing in the project calls `Math.random`. */
export interface Random {
  /** A real number, uniform in [low, high). */
  uniform(low: number, high: number): number;
  /** A whole number, uniform in [0, count). */
  integer(count: number): number;
}

/** A generator (xoroshiro128+) that yields the same sequence for the same seed everywhere. */
export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return {
    uniform: (low, high) => low + (high - low) * uniformFloat64(generator),
    integer: (count) => uniformInt(generator, 0, count - 1),
  };
}

/** The numbers 0 … count − 1 in random order (Fisher and Yates). */
export function permutation(count: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
  return order;
}

/** A normally distributed number with mean 0 (Box and Muller). Always takes two numbers from `random`. */
export function gaussian(random: Random, deviation: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.uniform(0, 1)));
  return deviation * radius * Math.cos(random.uniform(0, 2 * Math.PI));
}
