/** The layers of a model in the order of computation, each with the layers that it reads. */
import type { tf } from '../../core/tf';

/** A layer of a built model with the layers that it reads. */
export interface GraphLayer {
  readonly layer: tf.layers.Layer;
  readonly name: string;
  readonly inputs: readonly GraphLayer[];
  /** Whether it leads only to outputs after the first: a head that evaluation drops. */
  readonly auxiliary: boolean;
}

/**
 * The layers of a model, each after those that it reads: first the main path, which leads to `outputs[0]`, branch by
 * branch, then the auxiliary heads. A layer that is applied several times stands once.
 */
export function layerGraph(model: tf.LayersModel): readonly GraphLayer[] {
  const found = new Map<tf.layers.Layer, GraphLayer>();
  const visit = ({ sourceLayer: layer, inputs }: tf.SymbolicTensor, auxiliary: boolean): GraphLayer => {
    const known = found.get(layer);
    if (known) return known;
    const reads = inputs.map((input) => visit(input, auxiliary));
    const node = { layer, name: layer.name, inputs: reads, auxiliary };
    found.set(layer, node);
    return node;
  };
  model.outputs.forEach((output, index) => visit(output, index > 0));
  return [...found.values()];
}
