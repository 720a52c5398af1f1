/** The smallest input that a network's layers can take, and the refusal of smaller ones. */
import { UserError } from '../errors';
import type { ImageShape } from '../network';

/**
 * The smallest side, in pixels, of a square input that leaves the last layer at least one position.
 * @param fits whether an input of this side leaves the last layer a position; if one side fits, all larger ones do
 */
export function leastSide(fits: (side: number) => boolean): number {
  let side = 1;
  while (!fits(side)) side++;
  return side;
}

/**
 * @param name the network's name
 * @param remark the text that follows the smallest size in the message
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
