/** Weights that are no numbers are not taken. */
import { UserError } from '../errors';
import { printable } from './refusal';

/**
 * Refuses numbers of which one is NaN or infinite: every score that such a weight has a part in would be.
 * @param where names the file, `name` its tensor
 */
export function expectFinite(values: Float32Array, name: string, where: string): void {
  const { length } = values;
  let at = 0;
  while (at < length && values[at]! - values[at]! === 0) at++;
  if (at === length) return;
  const others = values.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
  throw new UserError(
    `${where}: expected finite numbers in ${printable(name)}, found ${others} of ${length} that are not (${values[at]} at place ${at})`,
  );
}
