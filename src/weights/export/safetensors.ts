/** Exports a model as one safetensors file. */
import { arraysOf } from '../named-array';
import { notLoadedKey } from '../not-loaded';
import { encodeSafetensors } from '../formats/safetensors/safetensors';
import { halves, isKernel } from './stored-weights';
import type { WeightsAs } from './weight-types';
import { recipeFacts, type TrainedModel } from '../trained-model';

/**
 * The bytes of a file with all weights under our names and in our layout; its metadata hold the rest, as JSON.
 * Untrained weights are left out, and listed in the metadata.
 * @param as how kernels are stored; not in 8 bits, for the format has no place for their scale
 */
export async function safetensorsFile(
  { network, model, recipe, labels, synsets, source, notLoaded = [] }: TrainedModel,
  as: Exclude<WeightsAs, 'int8'> = 'float32',
): Promise<Uint8Array> {
  const there = model.weights.filter(({ originalName }) => !notLoaded.includes(originalName));
  const tensors = (await arraysOf(there)).map(({ name, shape, values }) => ({
    name,
    shape,
    ...(as === 'float16' && isKernel(name)
      ? { dtype: 'F16' as const, data: halves({ name, values }) }
      : { dtype: 'F32' as const, data: values }),
  }));
  const facts = {
    input: recipe.input,
    scores: recipe.loss.kind,
    recipe: recipeFacts(recipe),
    labels,
    synsets,
    source,
    ...(notLoaded.length > 0 && { [notLoadedKey]: notLoaded }),
  };
  const texts = Object.entries(facts).map(([name, fact]) => [name, JSON.stringify(fact)] as const);
  return encodeSafetensors(tensors, { network, ...Object.fromEntries(texts) });
}
