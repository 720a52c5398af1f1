/** Walks through a model layer by layer, in the order of computing. */
import { tf } from '../core/tf';

/** A model's layers in an order in which each comes after those that it reads, without the one that is the image. */
export function computingLayers(model: tf.LayersModel): tf.layers.Layer[] {
  return model.layers.filter((layer) => layer.getClassName() !== 'InputLayer');
}

/** What a layer reads. */
export function inputsOf(layer: tf.layers.Layer): readonly tf.SymbolicTensor[] {
  return layer.inboundNodes[0]!.inputTensors;
}

/** What a layer gives. */
export function outputOf(layer: tf.layers.Layer): tf.SymbolicTensor {
  return layer.inboundNodes[0]!.outputTensors[0]!;
}

/**
 * Takes images through a model, layer by layer.
 * @param images `[batch, height, width, channels]`
 * @param compute gives a layer's output from its inputs
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

/** A layer's output in training. */
export function applied(layer: tf.layers.Layer, inputs: tf.Tensor[]): tf.Tensor {
  return layer.apply(inputs.length === 1 ? inputs[0]! : inputs, { training: true }) as tf.Tensor;
}

/** The model with its main path alone: without heads that only serve training from fresh weights. */
export function mainPathOf(model: tf.LayersModel): tf.LayersModel {
  if (model.outputs.length === 1) return model;
  return tf.model({ name: model.name, inputs: model.inputs, outputs: model.outputs[0]! });
}
