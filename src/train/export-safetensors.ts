import { arraysOf } from '../weights/named-array';
import { encodeSafetensors } from '../weights/safetensors';
import type { TrainedModel } from './trained-model';

/** The bytes of a file with all weights under our names and in our layout; its metadata hold the rest, as JSON. */
export async function safetensorsFile({
  network,
  model,
  recipe,
  labels,
  synsets,
  source,
}: TrainedModel): Promise<Uint8Array> {
  const tensors = (await arraysOf(model.weights)).map(({ name, shape, values }) => ({
    name,
    shape,
    dtype: 'F32' as const,
    data: values,
  }));
  const facts = { input: recipe.input, scores: recipe.loss.kind, labels, synsets, source };
  const texts = Object.entries(facts).map(([name, fact]) => [name, JSON.stringify(fact)] as const);
  return encodeSafetensors(tensors, { network, ...Object.fromEntries(texts) });
}
