/**
 * Files of weights in which Keras names no layers, as 2.13 to 3.4 wrote them: each layer's group is called after its kind
 * and counted, `conv2d`, `conv2d_1`. Keras reads them by position, which is all that there is to go by.
 */
import type { tf } from '../../core/tf';
import type { ForeignTensor, ForeignWeights } from '../formats/foreign-weights';
import { weightNameIn, type Origin } from './mapping';

/** The classes that such a file's last full layer has scores of; of a network without one, its last convolution. */
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

/** The same weights by the names that an origin gives the model's, layer by layer of each kind; others keep theirs. */
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

/** What Keras calls the kind of a layer, by its weights. */
function kindOf({ weights }: tf.layers.Layer): string | undefined {
  if (weights.length === 0) return undefined;
  const kernel = weights.find(({ originalName }) => originalName.endsWith('/kernel'));
  if (!kernel) return 'batch_normalization';
  return kernel.shape.length === 4 ? 'conv2d' : 'dense';
}
