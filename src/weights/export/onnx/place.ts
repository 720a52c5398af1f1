/** One of our layers on its way into an ONNX graph. */
import type { tf } from '../../../core/tf';
import { inputsOf, outputOf } from '../../../layers/layer-walk';
import { outputsFirst } from '../../import/toolkit-layout';
import { read } from '../../named-array';
import { isKernel } from '../stored-weights';
import type { OnnxGraph } from './graph';

/** A layer, the tensors that it reads, and the name of the tensor that is to be its output. */
export interface Place {
  readonly graph: OnnxGraph;
  readonly layer: tf.layers.Layer;
  /** TensorFlow.js's description of the layer, in Keras's terms. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Zeros around the input, which a layer below left to this one: top, left, bottom, right. */
  readonly margins: Margins;
}

export type Margins = readonly [top: number, left: number, bottom: number, right: number];

/** Adds a weight in our own order of axes; kernels have a scale for each position of the last axis. */
export function ownWeight({ graph, layer }: Place, name: string): string {
  const weight = weightOf(layer, name);
  const shape = weight.shape as number[];
  const axis = isKernel(weight.originalName) ? shape.length - 1 : undefined;
  return graph.weight({ name: weight.originalName, shape, axis, values: () => valuesOf(weight) });
}

/** Adds a kernel in ONNX's order: `[outputs, inputs, height, width]`, or `[outputs, inputs]` with maps before places. */
export function kernel({ graph, layer }: Place): string {
  const weight = weightOf(layer, 'kernel');
  const { shape, order } = outputsFirst(layer, weight);
  const values = async () => order(await valuesOf(weight));
  return graph.weight({ name: weight.originalName, shape, axis: 0, values });
}

/** A weight of one value a map, so that it is applied to `[batch, maps, height, width]`. */
export function perMap(place: Place, name: string): string {
  const { graph, layer } = place;
  return graph.add(
    'Reshape',
    [ownWeight(place, name), graph.ints(1, -1, 1, 1)],
    `${layer.name}/${name}/maps`,
  );
}

/** Adds a node within the layer. */
export function step(
  { graph, layer }: Place,
  name: string,
  op: string,
  inputs: readonly string[],
  attributes: Parameters<OnnxGraph['add']>[3] = {},
): string {
  return graph.add(op, inputs, `${layer.name}/${name}`, attributes);
}

/** `[height, width, maps]` of what a layer reads or gives. */
export function sides(shape: tf.Shape): [height: number, width: number, maps: number] {
  return shape.slice(1) as [number, number, number];
}

export function inputShape(layer: tf.layers.Layer): tf.Shape {
  return inputsOf(layer)[0]!.shape;
}

export function outputShape(layer: tf.layers.Layer): tf.Shape {
  return outputOf(layer).shape;
}

export function hasWeight(layer: tf.layers.Layer, name: string): boolean {
  return layer.weights.some(({ originalName }) => originalName === `${layer.name}/${name}`);
}

function weightOf(layer: tf.layers.Layer, name: string): tf.LayerVariable {
  const weight = layer.weights.find(({ originalName }) => originalName === `${layer.name}/${name}`);
  if (!weight) throw new Error(`expected a weight ${name} of ${layer.name}, found none`);
  return weight;
}

async function valuesOf(weight: tf.LayerVariable): Promise<Float32Array> {
  return (await read(weight.originalName, weight.read())).values;
}
