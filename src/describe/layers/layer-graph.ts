/** The layers of a model in topological order, each with its input layers. */
import type { tf } from '../../core/tf';

/** A layer of a built model with its input layers. */
export interface GraphLayer {
  readonly layer: tf.layers.Layer;
  readonly name: string;
  readonly inputs: readonly GraphLayer[];
  /** Whether it leads only to outputs after the first: to an auxiliary head, which is dropped in evaluation. */
  readonly auxiliary: boolean;
}

/**
 * The layers of a model in topological order: first the main path, which leads to `outputs[0]`, branch by branch, then
 * the auxiliary heads. A layer that is applied several times appears once.
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
