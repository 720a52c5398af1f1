/** Splits a model into its frozen layers and what learns above them. */
import type { ImageShape } from '../core/network';
import { tf } from '../core/tf';

/** The two parts of a model, which share its weights: one that never changes in training, and the rest. */
export interface SplitModel {
  /** Computes features from images, with fixed weights and nothing random. */
  readonly base: tf.LayersModel;
  /** Computes the model's outputs from features, `[batch, …featureShape]`. */
  readonly head: tf.LayersModel;
  readonly featureShape: ImageShape;
}

/**
 * Splits a model above its frozen layers. Layers without weights count as frozen, except dropout.
 * @returns null if the frozen part does not end in a single tensor, or is empty
 */
export function splitAboveFrozen(model: tf.LayersModel): SplitModel | null {
  const cuts = new Map<number, tf.SymbolicTensor>();
  const fixed = new Map<tf.SymbolicTensor, boolean>();
  const isFixed = (tensor: tf.SymbolicTensor): boolean => {
    const known = fixed.get(tensor);
    if (known !== undefined) return known;
    const below = tensor.inputs.map((input) => ({ input, still: isFixed(input) }));
    const still = keepsStill(tensor.sourceLayer) && below.every((one) => one.still);
    if (!still) for (const one of below) if (one.still) cuts.set(one.input.id, one.input);
    fixed.set(tensor, still);
    return still;
  };
  if (model.outputs.some(isFixed)) return null;
  // What follows from another cut without weights, as the pool of an Inception module, is computed again above it.
  const follows = ({ sourceLayer, inputs }: tf.SymbolicTensor): boolean =>
    sourceLayer.weights.length === 0 &&
    inputs.length > 0 &&
    inputs.every((input) => cuts.has(input.id) || follows(input));
  const [cut, ...others] = [...cuts.values()].filter((one) => !follows(one));
  if (!cut || others.length > 0 || cut.inputs.length === 0) return null;
  return splitAt(model, cut);
}

/**
 * Splits a model at a tensor through which all paths go.
 * @returns null if the tensor is neither a vector nor feature maps of a known size
 */
export function splitAt(model: tf.LayersModel, cut: tf.SymbolicTensor): SplitModel | null {
  const sides = cut.shape.slice(1);
  if (sides.includes(null) || (sides.length !== 1 && sides.length !== 3)) return null;
  const featureShape = (sides.length === 1 ? [1, 1, ...sides] : sides) as unknown as ImageShape;
  const features = tf.input({ shape: [...featureShape], name: 'features' });
  const start = sides.length === 1 ? (tf.layers.flatten().apply(features) as tf.SymbolicTensor) : features;
  const outputs = applied(model.outputs, new Map([[cut.id, start]]));
  return {
    base: tf.model({ name: `${model.name}/base`, inputs: model.inputs, outputs: cut }),
    head: tf.model({ name: model.name, inputs: features, outputs }),
    featureShape,
  };
}

const random = ['SeededDropout', 'Dropout', 'GaussianDropout', 'GaussianNoise', 'AlphaDropout'];

/** Whether a layer passes on its input in inference, and a random part of it in training. */
export function isRandom(layer: tf.layers.Layer): boolean {
  return random.includes(layer.getClassName());
}

function keepsStill(layer: tf.layers.Layer): boolean {
  if (isRandom(layer)) return false;
  return layer.weights.length === 0 || !layer.trainable;
}

/** Applies the layers above some tensors again, to other tensors in place of these. */
function applied(
  outputs: readonly tf.SymbolicTensor[],
  made: Map<number, tf.SymbolicTensor>,
): tf.SymbolicTensor[] {
  const above = (tensor: tf.SymbolicTensor): tf.SymbolicTensor => {
    const known = made.get(tensor.id);
    if (known) return known;
    const inputs = tensor.inputs.map(above);
    const given = [tensor.sourceLayer.apply(inputs.length === 1 ? inputs[0]! : inputs)].flat();
    const own = given[tensor.outputTensorIndex ?? 0] as tf.SymbolicTensor;
    made.set(tensor.id, own);
    return own;
  };
  return outputs.map(above);
}
