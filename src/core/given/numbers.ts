/** Numbers that are given as options, checked against their limits. */
import { UserError } from '../errors';
import { option } from '../text/wording';

/** The largest number of threads; each takes about 50 MB. */
const mostWorkers = 256;

/** The checked number of threads that load images. */
export function workersOf(given: number | undefined): number | undefined {
  return given === undefined ? undefined : wholeNumber('workers', given, 0, mostWorkers);
}

/**
 * @param name the option, as code writes it
 * @throws UserError unless `value` is a whole number from `least` to `most`
 */
export function wholeNumber(
  name: string,
  value: number,
  least: number,
  most = Number.MAX_SAFE_INTEGER, // larger numbers are rounded: 2 ** 53 and 2 ** 53 + 1 are equal
): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  const limits = value > most ? `from ${least} to ${most}` : `of at least ${least}`;
  throw new UserError(`${option(name)}: expected a whole number ${limits}, found ${value}`);
}

/** @throws UserError unless it is a number above 0 */
export function positiveNumber(name: string, value: number): number {
  if (value > 0 && value < Infinity) return value;
  throw new UserError(`${option(name)}: expected a number above 0, found ${value}`);
}
