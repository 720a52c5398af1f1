/** The smallest input that a network's layers can take, and the refusal of smaller ones. */
import { UserError } from './errors';
import type { ImageShape } from './network';

/**
 * The least side, in pixels, of a square input that the layers leave something of.
 * @param fits whether an input of this side leaves the last layer a position; every side above one that fits, fits too
 */
export function leastSide(fits: (side: number) => boolean): number {
  let side = 1;
  while (!fits(side)) side++;
  return side;
}

/**
 * @param name the network's
 * @param remark what the message says after the least size
 * @throws UserError for an input that is smaller in either direction
 */
export function expectInputOfAtLeast(
  name: string,
  [height, width]: ImageShape,
  least: readonly [height: number, width: number],
  remark = '',
): void {
  if (height >= least[0] && width >= least[1]) return;
  throw new UserError(
    `${name}: expected an input of at least ${least[0]}×${least[1]}${remark}, found ${height}×${width}`,
  );
}
