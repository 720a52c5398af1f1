/** Computes from the training set what a recipe leaves to it: means, principal colours, whitening. */
import { UserError } from '../../core/errors';
import type { Augment, Preprocess, Recipe } from '../../core/network';
import type { Dataset } from '../dataset';
import { channelMeans, meanImage } from './mean-image';
import { takesFitted, type FittedPreprocess } from './preprocess';
import { principalColours } from './principal-colours';
import { fitWhitening } from './whitening';

/** A recipe together with the values that its preprocessing took from the training set. */
export interface FittedRecipe<R> {
  /** The recipe, completed with the numbers computed from the training set. */
  readonly recipe: R;
  /** The fitted values that are too large to be part of a recipe. */
  readonly fitted: FittedPreprocess;
}

/**
 * Whether the recipe needs values from the training set, so that `fitRecipe` must be called before the first update.
 */
export function needsFitting(recipe: Pick<Recipe, 'input' | 'augment'>): boolean {
  const { input, augment } = recipe;
  return takesFitted(input.preprocess) || augment.some(leavesColours);
}

/**
 * Computes the values that a recipe needs from the training set, once before the first update. Channel means and
 * principal colours become numbers in the recipe. A mean image and a whitening are returned beside it and saved with
 * the run (`saveFitted`), so that evaluation uses the same ones. Each step is fitted on the undistorted images after
 * the steps before it; of image files these are the middle crops (`centreCrop`).
 * @param data the training set without the images held out; read up to four times
 * @throws UserError when there are no images, they are too large to be whitened, or principal colours are needed and
 *   the images are grey
 */
export async function fitRecipe<R extends Pick<Recipe, 'input' | 'augment'>>(
  data: Dataset,
  recipe: R,
): Promise<FittedRecipe<R>> {
  if (needsFitting(recipe) && data.labels.length === 0) {
    throw new UserError(`${data.name}: expected images to fit the preprocessing to, found none`);
  }
  let fitted: FittedPreprocess = {};
  const steps: Preprocess[] = [];
  for (const step of recipe.input.preprocess) {
    if (step.kind === 'subtractMean') {
      const mean = await meanImage(data, steps);
      if (step.per === 'pixel') {
        fitted = { ...fitted, mean };
        steps.push(step);
      } else {
        steps.push({ kind: 'subtract', mean: channelMeans(mean, data.shape[2]) });
      }
    } else {
      if (step.kind === 'whiten')
        fitted = { ...fitted, whitening: await fitWhitening(data, steps, step, fitted) };
      steps.push(step);
    }
  }
  const augment = await Promise.all(recipe.augment.map((step) => withColours(data, step)));
  return { recipe: { ...recipe, input: { ...recipe.input, preprocess: steps }, augment }, fitted };
}

function leavesColours(step: Augment): boolean {
  return step.kind === 'pcaLighting' && step.colours === 'trainingSet';
}

async function withColours(data: Dataset, step: Augment): Promise<Augment> {
  return step.kind === 'pcaLighting' && step.colours === 'trainingSet'
    ? { ...step, colours: await principalColours(data) }
    : step;
}
