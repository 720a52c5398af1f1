/** The bytes of the values that preprocessing took from the training set, as the file beside the weights holds them. */
import { UserError } from '../core/errors';
import type { Preprocess, Recipe } from '../core/network';
import { takesFitted, type FittedPreprocess } from '../data/preprocess/preprocess';
import { encodeWithSeal, parseWithSeal, type Digest } from './formats/safetensors/seal';
import type { Safetensors, StoredTensor } from './formats/safetensors/safetensors';

/** The file's name in the folder of a run or a model. */
export const fittedFile = 'preprocess.safetensors';

/** The tensors in the file. */
const names = { mean: 'mean', centre: 'whitening/mean', matrix: 'whitening/matrix' } as const;

/** The names of the file's metadata. */
export const fittedMetadata = ['preprocess'];

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
 * The bytes of the file.
 * @param recipe as `fitRecipe` returned it
 */
export function encodeFitted(
  { input }: Pick<Recipe, 'input'>,
  { mean, whitening }: FittedPreprocess,
  digest: Digest,
): Uint8Array {
  const tensors: StoredTensor[] = [];
  const add = (name: string, shape: readonly number[], data: Float32Array) =>
    tensors.push({ name, shape, dtype: 'F32', data });
  if (mean) add(names.mean, [mean.length], mean);
  if (whitening) {
    const size = whitening.mean.length;
    add(names.centre, [size], whitening.mean);
    add(names.matrix, [size, size], whitening.matrix);
  }
  return encodeWithSeal(tensors, { preprocess: JSON.stringify(input.preprocess) }, digest);
}

/**
 * What the file of a run or model holds.
 * @param path names the file in messages
 * @throws UserError when it is damaged, or belongs to other steps than the recipe's
 */
export function parseFitted(
  bytes: Uint8Array,
  path: string,
  recipe: Pick<Recipe, 'input'>,
  digest: Digest,
): FittedPreprocess {
  return fittedIn(parseWithSeal(bytes, path, fittedMetadata, digest), path, recipe);
}

/** Like `parseFitted`, for a file that was read. */
export function fittedIn(
  { tensors, metadata }: Safetensors,
  path: string,
  recipe: Pick<Recipe, 'input'>,
): FittedPreprocess {
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
