/** Computes from the training set what a recipe leaves to it: means, principal colours, whitening. */
import { UserError } from '../../core/errors';
import type { Augment, Preprocess, Recipe } from '../../core/network';
import type { Dataset } from '../dataset';
import { channelMeans, meanImage } from './mean-image';
import { takesFitted, type FittedPreprocess } from './preprocess';
import { principalColours } from './principal-colours';
import { fitWhitening } from './whitening';

export interface FittedRecipe<R> {
  /** The recipe with the numbers that it left to the training set. */
  readonly recipe: R;
  /** What is too large to be part of a recipe. */
  readonly fitted: FittedPreprocess;
}

/** Whether something is left to the training set, so that `fitRecipe` has to come before the first update. */
export function needsFitting(recipe: Pick<Recipe, 'input' | 'augment'>): boolean {
  const { input, augment } = recipe;
  return takesFitted(input.preprocess) || augment.some(leavesColours);
}

/**
 * Computes what a recipe leaves to the training set, once before the first update: means of channels and principal
 * colours become numbers in the recipe, a mean image and a whitening are returned beside it, to be kept with the run
 * (`saveFitted`), so that evaluation takes the same. Each step is fitted on what the steps before it make of the images,
 * undistorted: of images, their middle crops (`centreCrop`).
 * @param data the training set without the images held out; read up to four times
 * @throws UserError when there are no images, they are too large to be whitened, or colours are wanted of grey ones
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
