/** Restores batch normalisations that a converter made part of the convolutions below them. */
import { counted } from '../../../core/text/counted';
import type { tf } from '../../../core/tf';
import { inputsOf } from '../../../layers/layer-walk';
import type { Architecture } from '../../architecture/description';
import type { ForeignTensor, ForeignWeights } from '../../formats/foreign-weights';
import { weightNameIn, type Origin } from '../mapping';
import { tensorName } from '../toolkit-layout';

/**
 * `torch.onnx.export` multiplies a normalisation's factors into the kernel below it and makes its shifts biases. Here
 * the kernel stays as it is, and the normalisation becomes one that only adds these biases: mean 0, variance 1, and the
 * factor that makes up for epsilon. Its answers are those of the file; what it was in training is lost.
 */
export function withNormalisations(
  model: tf.LayersModel,
  origin: Origin,
  foreign: ForeignWeights,
): ForeignWeights {
  if (foreign.format !== 'onnx' || origin.convention === 'own') return foreign;
  const there = new Map(foreign.tensors.map((tensor) => [tensor.name, tensor]));
  const added: ForeignTensor[] = [];
  const folded = new Map<string, { readonly name: string; readonly epsilon: number }>();
  const layers = origin.layers as Readonly<Record<string, string>>;
  for (const layer of model.layers) {
    if (layer.getClassName() !== 'BatchNormalization') continue;
    const below = inputsOf(layer)[0]!.sourceLayer;
    const [name, convolution] = [layers[layer.name], layers[below.name]];
    if (name === undefined || convolution === undefined) continue;
    const bias = there.get(tensorName(origin.convention, convolution, 'bias'));
    const named = layer.weights.map((weight) => weightNameIn(origin, layer, weight));
    if (!bias || bias.implied || named.some((weight) => there.has(weight))) continue;
    const { epsilon } = layer.getConfig() as { readonly epsilon: number };
    there.delete(bias.name);
    folded.set(convolution, { name, epsilon });
    const all = (value: number) => () => new Float32Array(bias.shape[0]!).fill(value);
    for (const [at, weight] of layer.weights.entries())
      added.push({
        name: named[at]!,
        shape: bias.shape,
        values: valuesOf(weight.originalName.slice(layer.name.length + 1), bias, epsilon, all),
      });
  }
  if (folded.size === 0) return foreign;
  const note = `${counted(folded.size, 'normalisation')} that the file made part of the convolutions below: only their sums are known, so that they add biases here`;
  return {
    ...foreign,
    tensors: [...there.values(), ...added],
    notes: [...(foreign.notes ?? []), note],
    ...(foreign.architecture && { architecture: withNodes(foreign.architecture, folded) }),
  };
}

function valuesOf(
  weight: string,
  bias: ForeignTensor,
  epsilon: number,
  all: (value: number) => () => Float32Array,
): ForeignTensor['values'] {
  if (weight === 'beta') return bias.values;
  if (weight === 'gamma') return all(Math.sqrt(1 + epsilon));
  return all(weight === 'moving_variance' ? 1 : 0);
}

/** Puts the normalisations where they were: behind their convolutions. */
function withNodes(
  { nodes, ...others }: Architecture,
  folded: ReadonlyMap<string, { readonly name: string; readonly epsilon: number }>,
): Architecture {
  const all = [...nodes.values()].flatMap((node) => {
    const normalisation = folded.get(node.name);
    const moved = { ...node, inputs: node.inputs.map((input) => folded.get(input)?.name ?? input) };
    if (!normalisation) return [moved];
    const { name, epsilon } = normalisation;
    return [
      moved,
      { name, inputs: [node.name], operation: { kind: 'batchNormalisation' as const, epsilon } },
    ];
  });
  return { ...others, nodes: new Map(all.map((node) => [node.name, node])) };
}
