/**
 * Weight files in which Keras does not name the layers, as written by versions 2.13 to 3.4. Each layer's group is
 * called after the kind of layer and numbered: `conv2d`, `conv2d_1`. Keras reads such files by position, since they
 * contain nothing else to identify a layer.
 */
import type { tf } from '../../core/tf';
import type { ForeignTensor, ForeignWeights } from '../formats/foreign-weights';
import { weightNameIn, type Origin } from './mapping';

/**
 * The number of classes that the last fully connected layer of such a file has scores for; the last convolution's, in a
 * network without a fully connected layer.
 */
export function lastUnits({ tensors }: ForeignWeights): number | undefined {
  for (const kind of ['dense', 'conv2d']) {
    const biases = tensors.filter(({ name }) => groupPattern(kind).test(name));
    const last = biases.reduce<ForeignTensor | undefined>(
      (before, tensor) => (before && placeOf(before) > placeOf(tensor) ? before : tensor),
      undefined,
    );
    if (last) return last.shape[0];
  }
  return undefined;
}

const groupPattern = (kind: string) => new RegExp(`^${kind}(?:_\\d+)?/bias$`);
const placeOf = ({ name }: ForeignTensor) => Number(/_(\d+)\/bias$/.exec(name)?.[1] ?? 0);

/**
 * The same weights under the names that an origin gives to the model's weights. Layers of each kind are matched in
 * order; other tensors keep their names.
 */
export function namedByPosition(
  model: tf.LayersModel,
  origin: Origin,
  foreign: ForeignWeights,
): ForeignWeights {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const layer of model.layers) {
    const kind = kindOf(layer);
    if (kind === undefined) continue;
    const before = counts.get(kind) ?? 0;
    counts.set(kind, before + 1);
    const group = before === 0 ? kind : `${kind}_${before}`;
    for (const weight of layer.weights)
      names.set(
        `${group}/${weight.originalName.slice(layer.name.length + 1)}`,
        weightNameIn(origin, layer, weight),
      );
  }
  const tensors = foreign.tensors.map((tensor) => ({
    ...tensor,
    name: names.get(tensor.name) ?? tensor.name,
  }));
  return { ...foreign, tensors };
}

/** Keras's name for the kind of a layer, inferred from its weights. */
function kindOf({ weights }: tf.layers.Layer): string | undefined {
  if (weights.length === 0) return undefined;
  const kernel = weights.find(({ originalName }) => originalName.endsWith('/kernel'));
  if (!kernel) return 'batch_normalization';
  return kernel.shape.length === 4 ? 'conv2d' : 'dense';
}
