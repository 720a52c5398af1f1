/** Numbers that are given as options, checked against their limits. */
import { UserError } from '../../src/core/errors';

/** The limits of the number of threads; each thread takes about 50 MB. */
const mostWorkers = 256;

/** The checked value of `--workers`. */
export function workersOf(given: number | undefined): number | undefined {
  return given === undefined ? undefined : wholeNumber('--workers', given, 0, mostWorkers);
}

/** @throws UserError unless `value` is a whole number from `least` to `most` */
export function wholeNumber(
  option: string,
  value: number,
  least: number,
  most = Number.MAX_SAFE_INTEGER, // larger numbers are rounded: 2 ** 53 and 2 ** 53 + 1 are equal
): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  const limits = value > most ? `from ${least} to ${most}` : `of at least ${least}`;
  throw new UserError(`${option}: expected a whole number ${limits}, found ${value}`);
}

/** @throws UserError unless it is a number above 0 */
export function positiveNumber(option: string, value: number): number {
  if (value > 0 && value < Infinity) return value;
  throw new UserError(`${option}: expected a number above 0, found ${value}`);
}
