import { cropsFor, type CropKind } from '../src/data/crops-for';
import type { CropProtocol } from '../src/data/evaluation-crops';
import { UserError } from '../src/errors';
import type { Recipe } from '../src/network';
import { wholeNumber } from './run-start';

/** `--resize`, for commands that take `--crops`. */
export const resizeOption = {
  type: 'string',
  describe: 'the shorter side before cropping, several with commas, or none (default: as the paper says)',
} as const;

/**
 * The protocol that `--crops` and `--resize` ask for.
 * @throws UserError for `--resize` without `--crops`, or with what is no length
 */
export function cropsOf(
  { crops, resize }: { readonly crops?: CropKind | undefined; readonly resize?: string | undefined },
  recipe: Pick<Recipe, 'input' | 'augment'>,
): CropProtocol | undefined {
  if (crops === undefined) {
    if (resize === undefined) return undefined;
    throw new UserError('--resize: expected --crops with it, found none');
  }
  const sides =
    resize === undefined || resize === 'none'
      ? resize
      : resize.split(',').map((side) => wholeNumber('--resize', Number(side), 1));
  return cropsFor(crops, sides, recipe);
}
