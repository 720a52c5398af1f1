/** Counts parameters, multiply-adds and connections of a built model, layer by layer. */
import { elementCount } from '../core/shape';
import { withoutBatch, type Cost, type CountedLayer } from '../layers/cost';
import type { tf } from '../core/tf';
import { layerGraph, type GraphLayer } from './layers/layer-graph';
import { settingsOf, type Settings } from './layers/layer-settings';
import { receptiveFields, type ReceptiveField } from './layers/receptive-field';

/** One layer, counted from the built model. */
export interface LayerDescription extends Cost {
  readonly name: string;
  /** The names of its input layers. */
  readonly inputs: readonly string[];
  readonly settings: Settings;
  /** The shape for one image, such as `[28, 28, 6]`. */
  readonly outputShape: readonly number[];
  /** The number of trainable parameters. */
  readonly parameters: number;
  /** Weights that training does not move (RBF codes, moving statistics). */
  readonly fixedParameters: number;
  readonly receptiveField: ReceptiveField;
  /** Whether it belongs to an auxiliary head, which is dropped in evaluation. */
  readonly auxiliary: boolean;
}

/** A model's size and cost at batch 1. */
export interface Description extends Cost {
  /** Trainable parameters of the main path, which leads to the first output. */
  readonly parameters: number;
  /** Trainable parameters of the auxiliary heads, which are dropped in evaluation. */
  readonly auxiliaryParameters: number;
  readonly fixedParameters: number;
  /** In topological order, the auxiliary heads last. Input layers are not included. */
  readonly layers: readonly LayerDescription[];
}

/**
 * Counts a model's layers. Parameters, fixed parameters, multiply-adds and connections are those of the main path; the
 * auxiliary heads are counted separately.
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

/** A convolution uses each weight at every position; a fully connected layer uses it once. */
function costOf(layer: tf.layers.Layer): Cost {
  if ('cost' in layer) return (layer as unknown as CountedLayer).cost();
  const kernel = layer.weights.find(({ originalName }) => originalName.endsWith('/kernel'));
  if (!kernel) return { multiplyAdds: 0, connections: 0 };
  const output = withoutBatch(layer.outputShape);
  const multiplyAdds = elementCount(output.slice(0, -1)) * elementCount(kernel.shape as number[]);
  const biased = layer.weights.some(({ originalName }) => originalName.endsWith('/bias'));
  return { multiplyAdds, connections: multiplyAdds + (biased ? elementCount(output) : 0) };
}
