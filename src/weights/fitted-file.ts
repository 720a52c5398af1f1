/** The file on the disk with the values that preprocessing took from the training set. */
import { join } from 'node:path';
import { writeFileAtomically } from '../core/io/files';
import { sha256Of } from '../core/io/hash';
import type { Recipe } from '../core/network';
import type { FittedPreprocess } from '../data/preprocess/preprocess';
import {
  encodeFitted,
  fittedFile,
  fittedIn,
  fittedMetadata,
  hasFittedFile,
  lacksFitted,
} from './fitted-values';
import { readSealed } from './formats/safetensors/sealed';

export { fittedFile, hasFittedFile, lacksFitted };

/**
 * Writes what `fitRecipe` found into the run's folder, atomically.
 * @param recipe as `fitRecipe` returned it
 */
export async function saveFitted(
  folder: string,
  recipe: Pick<Recipe, 'input'>,
  fitted: FittedPreprocess,
): Promise<void> {
  await writeFileAtomically(join(folder, fittedFile), encodeFitted(recipe, fitted, sha256Of));
}

/**
 * Reads what was fitted for a run; empty if its recipe needs nothing.
 * @param recipe the run's recipe
 * @throws UserError when the file is missing or damaged, or belongs to other steps than the recipe's
 */
export async function loadFitted(folder: string, recipe: Pick<Recipe, 'input'>): Promise<FittedPreprocess> {
  if (!hasFittedFile(recipe)) return {};
  const path = join(folder, fittedFile);
  return fittedIn(await readSealed(path, fittedMetadata), path, recipe);
}
