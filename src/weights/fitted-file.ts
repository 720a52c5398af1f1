/** The file with the values that preprocessing took from the training set. */
import { join } from 'node:path';
import { takesFitted, type FittedPreprocess } from '../data/preprocess/preprocess';
import { UserError } from '../core/errors';
import type { Preprocess, Recipe } from '../core/network';
import { writeFileAtomically } from '../core/io/files';
import type { StoredTensor } from './formats/safetensors/safetensors';
import { encodeSealed, readSealed } from './formats/safetensors/sealed';

/** The file's name in a run's folder. */
export const fittedFile = 'preprocess.safetensors';

/** The tensors in the file. */
const names = { mean: 'mean', centre: 'whitening/mean', matrix: 'whitening/matrix' } as const;

/** Whether a run with this recipe has the file. */
export function hasFittedFile({ input }: Pick<Recipe, 'input'>): boolean {
  return takesFitted(input.preprocess);
}

/** Whether a preprocessing needs values from a training set that have not been computed. */
export function lacksFitted(input: Recipe['input'], { mean, whitening }: FittedPreprocess): boolean {
  const has = (kind: Preprocess['kind']) => input.preprocess.some((step) => step.kind === kind);
  return (has('subtractMean') && !mean) || (has('whiten') && !whitening);
}

/**
 * Writes what `fitRecipe` found into the run's folder, atomically.
 * @param recipe as `fitRecipe` returned it
 */
export async function saveFitted(
  folder: string,
  { input }: Pick<Recipe, 'input'>,
  { mean, whitening }: FittedPreprocess,
): Promise<void> {
  const tensors: StoredTensor[] = [];
  const add = (name: string, shape: readonly number[], data: Float32Array) =>
    tensors.push({ name, shape, dtype: 'F32', data });
  if (mean) add(names.mean, [mean.length], mean);
  if (whitening) {
    const size = whitening.mean.length;
    add(names.centre, [size], whitening.mean);
    add(names.matrix, [size, size], whitening.matrix);
  }
  const metadata = { preprocess: JSON.stringify(input.preprocess) };
  await writeFileAtomically(join(folder, fittedFile), encodeSealed(tensors, metadata));
}

/**
 * Reads what was fitted for a run; empty if its recipe needs nothing.
 * @param recipe the run's recipe
 * @throws UserError when the file is missing or damaged, or belongs to other steps than the recipe's
 */
export async function loadFitted(folder: string, recipe: Pick<Recipe, 'input'>): Promise<FittedPreprocess> {
  if (!hasFittedFile(recipe)) return {};
  const path = join(folder, fittedFile);
  const { tensors, metadata } = await readSealed(path, ['preprocess']);
  const wanted = JSON.stringify(recipe.input.preprocess);
  if (metadata['preprocess'] !== wanted) {
    throw new UserError(
      `${path}: expected what was fitted for ${wanted}, found ${metadata['preprocess'] ?? 'none'}`,
    );
  }
  const arrayOf = (name: string): Float32Array => {
    const found = tensors.find((tensor) => tensor.name === name);
    if (found?.dtype === 'F32') return found.data;
    throw new UserError(`${path}: expected a tensor ${name} of F32, found ${found ? found.dtype : 'none'}`);
  };
  const has = (kind: Preprocess['kind']) => recipe.input.preprocess.some((step) => step.kind === kind);
  return {
    ...(has('subtractMean') && { mean: arrayOf(names.mean) }),
    ...(has('whiten') && { whitening: checked(arrayOf(names.centre), arrayOf(names.matrix), path) }),
  };
}

function checked(mean: Float32Array, matrix: Float32Array, path: string) {
  if (matrix.length === mean.length ** 2) return { mean, matrix };
  throw new UserError(
    `${path}: expected a matrix of ${mean.length}x${mean.length} for whitening, found ${matrix.length} numbers`,
  );
}
