/** Counts parameters, multiply-adds and connections of a built model, layer by layer. */
import { elementCount } from '../core/shape';
import { withoutBatch, type Cost, type CountedLayer } from '../layers/cost';
import type { tf } from '../core/tf';
import { layerGraph, type GraphLayer } from './layers/layer-graph';
import { settingsOf, type Settings } from './layers/layer-settings';
import { receptiveFields, type ReceptiveField } from './receptive-field';

/** One layer, counted from the built model. */
export interface LayerDescription extends Cost {
  readonly name: string;
  /** The names of the layers that it reads. */
  readonly inputs: readonly string[];
  readonly settings: Settings;
  /** Of one image, such as `[28, 28, 6]`. */
  readonly outputShape: readonly number[];
  /** Trainable ones. */
  readonly parameters: number;
  /** Weights that training does not move (RBF codes, moving statistics). */
  readonly fixedParameters: number;
  readonly receptiveField: ReceptiveField;
  /** Whether it belongs to a head that evaluation drops. */
  readonly auxiliary: boolean;
}

/** A model's size and cost at batch 1. */
export interface Description extends Cost {
  /** Trainable parameters of the main path, which leads to the first output. */
  readonly parameters: number;
  /** Trainable parameters of heads that evaluation drops. */
  readonly auxiliaryParameters: number;
  readonly fixedParameters: number;
  /** Each after those that it reads, the auxiliary heads last. Inputs are not among them. */
  readonly layers: readonly LayerDescription[];
}

/**
 * Counts a model's layers. Multiply-adds, connections and fixed parameters are those of the main path, as the
 * parameters are; auxiliary heads are counted apart.
 */
export function describeModel(model: tf.LayersModel): Description {
  const graph = layerGraph(model);
  const fields = receptiveFields(graph);
  const layers = graph
    .filter(({ inputs }) => inputs.length > 0)
    .map((node) => describeLayer(node, fields.get(node.name)!));
  const total = (field: 'parameters' | 'fixedParameters' | keyof Cost, auxiliary = false) =>
    layers.filter((layer) => layer.auxiliary === auxiliary).reduce((sum, layer) => sum + layer[field], 0);
  return {
    parameters: total('parameters'),
    auxiliaryParameters: total('parameters', true),
    fixedParameters: total('fixedParameters'),
    multiplyAdds: total('multiplyAdds'),
    connections: total('connections'),
    layers,
  };
}

function describeLayer(
  { layer, inputs, auxiliary }: GraphLayer,
  receptiveField: ReceptiveField,
): LayerDescription {
  const size = (weights: tf.LayerVariable[]) =>
    weights.reduce((sum, { shape }) => sum + elementCount(shape as number[]), 0);
  return {
    name: layer.name,
    inputs: inputs.map(({ name }) => name),
    settings: settingsOf(layer),
    outputShape: withoutBatch(layer.outputShape),
    parameters: size(layer.trainableWeights),
    fixedParameters: size(layer.nonTrainableWeights),
    ...costOf(layer),
    receptiveField,
    auxiliary,
  };
}

/** A weight of a convolution works at every position, one of a full layer once. */
function costOf(layer: tf.layers.Layer): Cost {
  if ('cost' in layer) return (layer as unknown as CountedLayer).cost();
  const kernel = layer.weights.find(({ originalName }) => originalName.endsWith('/kernel'));
  if (!kernel) return { multiplyAdds: 0, connections: 0 };
  const output = withoutBatch(layer.outputShape);
  const multiplyAdds = elementCount(output.slice(0, -1)) * elementCount(kernel.shape as number[]);
  const biased = layer.weights.some(({ originalName }) => originalName.endsWith('/bias'));
  return { multiplyAdds, connections: multiplyAdds + (biased ? elementCount(output) : 0) };
}
