/** Walks through a model layer by layer, in the order of computation. */
import { tf } from '../core/tf';

/** A model's layers in topological order, each after the layers that it reads, without the input layer. */
export function computingLayers(model: tf.LayersModel): tf.layers.Layer[] {
  return model.layers.filter((layer) => layer.getClassName() !== 'InputLayer');
}

/** The tensors that a layer reads. */
export function inputsOf(layer: tf.layers.Layer): readonly tf.SymbolicTensor[] {
  return layer.inboundNodes[0]!.inputTensors;
}

/** The tensor that a layer outputs. */
export function outputOf(layer: tf.layers.Layer): tf.SymbolicTensor {
  return layer.inboundNodes[0]!.outputTensors[0]!;
}

/**
 * Runs images through a model, layer by layer.
 * @param images `[batch, height, width, channels]`
 * @param compute computes a layer's output from its inputs
 * @returns the model's outputs
 */
export function throughLayers(
  model: tf.LayersModel,
  images: tf.Tensor4D,
  compute: (layer: tf.layers.Layer, inputs: tf.Tensor[]) => tf.Tensor,
): tf.Tensor[] {
  const values = new Map<number, tf.Tensor>([[model.inputs[0]!.id, images]]);
  for (const layer of computingLayers(model)) {
    const inputs = inputsOf(layer).map(({ id }) => values.get(id)!);
    values.set(outputOf(layer).id, compute(layer, inputs));
  }
  return model.outputs.map(({ id }) => values.get(id)!);
}

/** A layer's output in training mode. */
export function applied(layer: tf.layers.Layer, inputs: tf.Tensor[]): tf.Tensor {
  return layer.apply(inputs.length === 1 ? inputs[0]! : inputs, { training: true }) as tf.Tensor;
}

/** The model reduced to its main path: without the auxiliary heads, which only serve training from random weights. */
export function mainPathOf(model: tf.LayersModel): tf.LayersModel {
  if (model.outputs.length === 1) return model;
  return tf.model({ name: model.name, inputs: model.inputs, outputs: model.outputs[0]! });
}
