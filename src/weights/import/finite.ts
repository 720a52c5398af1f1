/** Rejects weights that are integers, NaN or infinite. */
import { UserError, printable, quoted, type Refuse } from '../../core/errors';
import type { ForeignTensor } from '../formats/foreign-weights';

/** Rejects integer weights: they are counts, or were quantised with scales that are stored elsewhere. */
export function expectFloats(
  tensors: readonly Pick<ForeignTensor, 'name' | 'whole'>[],
  refuse: Refuse,
): void {
  const [first, ...others] = tensors.filter(({ whole }) => whole !== undefined);
  if (!first) return;
  const more = others.length > 0 ? ` (and in ${others.length} more)` : '';
  refuse(
    `floating-point numbers in tensor ${quoted(first.name)}${more}`,
    `${printable(first.whole!)}; if they are quantised, save the weights as they were before`,
  );
}

/**
 * Rejects a tensor with a NaN or infinite value: every score that depends on such a weight would be invalid too.
 * @param where the file, for messages
 * @param name the file's name for the tensor
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
