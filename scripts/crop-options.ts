import { zoo, type NetworkName } from '../models/registry';
import { cropsFor, type CropKind } from '../src/data/crops-for';
import type { CropProtocol } from '../src/data/evaluation-crops';
import { UserError } from '../src/errors';
import type { Recipe } from '../src/network';
import { convolutionalForm } from '../src/train/convolutional-form';
import type { TrainedModel } from '../src/train/trained-model';
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

/**
 * A trained network in the form that sees such crops: for whole pictures the convolutional one, which takes the place of
 * the model that is given.
 * @throws UserError where the network has no such form
 */
export function inFormFor<T extends Pick<TrainedModel, 'network' | 'model'>>(
  crops: CropProtocol | undefined,
  trained: T,
): T {
  if (crops?.kind !== 'dense') return trained;
  try {
    return { ...trained, model: convolutionalForm(zoo[trained.network as NetworkName], trained.model) };
  } finally {
    trained.model.dispose();
  }
}
