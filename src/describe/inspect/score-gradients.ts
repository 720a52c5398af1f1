/** How a class's score depends on the image and on a layer's maps: the input gradient, and Grad-CAM. */
import { directionOf, scoreKind } from '../../core/score-kind';
import { tf } from '../../core/tf';
import { mainPathOf, throughLayers } from '../../layers/layer-walk';
import type { TrainedModel } from '../../weights/trained-model';
import { withoutBatch } from '../../layers/cost';
import { UserError } from '../../core/errors';

/** A model and what its scores mean. */
export type Scored = Pick<TrainedModel, 'model' | 'recipe'>;

/** The derivatives of a class's score with respect to the image. */
export interface InputGradient {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** `[height, width, channels]`: ∂S/∂I, by the values that the network takes, after its preprocessing. */
  readonly values: Float32Array;
  /** `[height, width]`: the largest |∂S/∂I| among the channels of each pixel. */
  readonly saliency: Float32Array;
}

/** A Grad-CAM map. */
export interface GradCam {
  /** The layer whose maps are weighed. */
  readonly layer: string;
  readonly height: number;
  readonly width: number;
  /** `[height, width]`: max(0, Σ_k α_k A_k(y, x)) */
  readonly values: Float32Array;
  /** `[maps]`: α_k, the mean of ∂S/∂A_k over all positions. */
  readonly weights: Float32Array;
}

/**
 * The input gradient of a class, ∂S/∂I, and its largest size among the channels of each pixel (Simonyan, Vedaldi and
 * Zisserman 2014, Deep Inside Convolutional Networks, §3). S is the class's score, before a softmax; of a network whose
 * scores are distances, it is the negative distance, so that more is better for every network.
 * @param input as the model takes it, `[height, width, channels]`
 * @param wanted the index of the class
 */
export async function inputGradient(
  trained: Scored,
  input: Float32Array,
  wanted: number,
): Promise<InputGradient> {
  const [height, width, channels] = inputShapeOf(trained.model);
  const { ofImage: values } = await scoreGradients(trained, input, wanted);
  const saliency = new Float32Array(height * width);
  for (let at = 0; at < values.length; at++) {
    const place = (at - (at % channels)) / channels;
    const size = values[at]! < 0 ? -values[at]! : values[at]!;
    if (size > saliency[place]!) saliency[place] = size;
  }
  return { height, width, channels, values, saliency };
}

/**
 * The Grad-CAM map of a class (Selvaraju et al. 2017, Grad-CAM, §3, eq. 1 and 2): the maps A_k of a layer, each weighed
 * by α_k, the mean of ∂S/∂A_k over all positions, summed, and what is negative set to 0. S is as for `inputGradient`.
 * @param input as the model takes it, `[height, width, channels]`
 * @param wanted the index of the class
 * @param layer a layer of maps on the main path
 * @throws UserError for another layer
 */
export async function gradCam(
  trained: Scored,
  input: Float32Array,
  wanted: number,
  layer: string,
): Promise<GradCam> {
  const found = await scoreGradients(trained, input, wanted, layer);
  const { shape, values: maps, gradient } = found.ofLayer!;
  const [height, width, count] = shape as [number, number, number];
  const places = height * width;
  const sums = new Float64Array(count);
  for (let at = 0; at < gradient.length; at++) sums[at % count]! += gradient[at]!;
  const weights = new Float32Array(count);
  for (let map = 0; map < count; map++) weights[map] = sums[map]! / places;
  const values = new Float32Array(places);
  for (let place = 0; place < places; place++) {
    let sum = 0;
    for (let map = 0; map < count; map++) sum += weights[map]! * maps[place * count + map]!;
    values[place] = sum > 0 ? sum : 0;
  }
  return { layer, height, width, values, weights };
}

interface ScoreGradients {
  readonly ofImage: Float32Array;
  /** The layer's output and the derivatives with respect to it, `shape` without the batch. */
  readonly ofLayer?: {
    readonly shape: readonly number[];
    readonly values: Float32Array;
    readonly gradient: Float32Array;
  };
}

/** The derivatives of a class's score in inference: nothing is dropped, and norms use their moving statistics. */
async function scoreGradients(
  { model, recipe }: Scored,
  input: Float32Array,
  wanted: number,
  layer?: string,
): Promise<ScoreGradients> {
  const main = mainPathOf(model);
  const sign = directionOf(scoreKind(recipe.loss));
  const shape = layer === undefined ? undefined : mapsOf(main, layer);
  let output: tf.Tensor | undefined;
  const score = (image: tf.Tensor, shift?: tf.Tensor) => {
    const [scores] = throughLayers(main, image as tf.Tensor4D, (each, inputs) => {
      const computed = each.apply(inputs.length === 1 ? inputs[0]! : inputs) as tf.Tensor;
      if (each.name !== layer) return computed;
      output = tf.keep(computed.clone());
      // Zeros that are added to the output: the derivatives with respect to them equal those of the output.
      return computed.add(shift!);
    });
    return scores!.flatten().slice([wanted], [1]).sum().mul<tf.Scalar>(sign);
  };
  const gradients = tf.tidy(() => {
    const image = tf.tensor(input, [1, ...inputShapeOf(main)]);
    return shape
      ? tf.grads(score)([image, tf.zeros([1, ...shape])])
      : [tf.grad((given) => score(given))(image)];
  });
  const read = [...gradients, ...(output ? [output] : [])];
  const [ofImage, gradient, values] = await Promise.all(read.map((tensor) => tensor.data<'float32'>()));
  tf.dispose(read);
  return {
    ofImage: ofImage!,
    ...(shape && { ofLayer: { shape, values: values!, gradient: gradient! } }),
  };
}

function inputShapeOf({ inputs }: tf.LayersModel): [number, number, number] {
  return withoutBatch(inputs[0]!.shape) as [number, number, number];
}

/** The shape of a layer's maps. */
function mapsOf(model: tf.LayersModel, name: string): readonly number[] {
  const layer = model.layers.find((each) => each.name === name);
  const shape = layer && withoutBatch(layer.outputShape);
  if (shape?.length === 3 && layer!.getClassName() !== 'InputLayer') return shape;
  throw new UserError(
    `${name}: expected a layer of maps, found ${layer ? `one of shape ${shape!.join('×')}` : 'no such layer'}`,
  );
}
