/** Which parts of an image a network is shown, as a caller asks for them. */
import { UserError } from '../../core/errors';
import type { Recipe } from '../../core/network';
import { wholeNumber } from '../../core/given/numbers';
import { option } from '../../core/text/wording';
import type { CropKind } from '../../data/augment/crop-kinds';
import { cropsFor, type CropProtocol } from '../../data/augment/evaluation-crops';
import { convolutionalForm } from '../../evaluate/scores/convolutional-form';
import type { TrainedModel } from '../../weights/trained-model';
import { networkOf, type Zoo } from '../context';

export interface CropOptions {
  /** Average over parts of each image, by the protocols of the papers. Default: its middle. */
  readonly crops?: CropKind | undefined;
  /** With `crops`: the lengths of the shorter side before cropping. Default: as the paper says. */
  readonly resize?: number | readonly number[] | 'none' | undefined;
}

/**
 * The protocol that a caller asks for.
 * @throws UserError for `resize` without `crops`, or with a value that is not a length
 */
export function cropsOf(
  { crops, resize }: CropOptions,
  recipe: Pick<Recipe, 'input' | 'augment'>,
): CropProtocol | undefined {
  if (crops === undefined) {
    if (resize === undefined) return undefined;
    throw new UserError(`${option('resize')}: expected ${option('crops')} with it, found none`);
  }
  if (resize === undefined || resize === 'none') return cropsFor(crops, resize, recipe);
  const sides = typeof resize === 'number' ? [resize] : resize;
  return cropsFor(
    crops,
    sides.map((side) => wholeNumber('resize', side, 1)),
    recipe,
  );
}

/**
 * A trained network in the form that takes such crops: for whole images the convolutional form, a model of its own that
 * shares the weights.
 * @returns the network itself, or one with another model; the caller disposes of both
 * @throws UserError if the network has no such form
 */
export function inFormFor<T extends Pick<TrainedModel, 'network' | 'model'>>(
  crops: CropProtocol | undefined,
  trained: T,
  zoo: Zoo,
): T {
  if (crops?.kind !== 'dense') return trained;
  const network = networkOf(zoo, trained.network, option('crops'));
  return { ...trained, model: convolutionalForm(network, trained.model) };
}
