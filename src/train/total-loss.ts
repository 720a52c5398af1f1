import { tf } from '../tf';
import type { Recipe } from '../network';
import { meanLoss } from './loss';

/**
 * The mean loss of a batch in training: that of `outputs[0]` and, weighted, those of the auxiliary heads,
 * which are found by the names of their layers.
 * @param images `[batch, height, width, channels]`
 * @param labels `[batch]`, int32
 * @throws RangeError when heads and weights do not belong together
 */
export function totalLoss(
  model: tf.LayersModel,
  recipe: Pick<Recipe, 'loss' | 'auxiliary'>,
  images: tf.Tensor4D,
  labels: tf.Tensor1D,
): tf.Scalar {
  return tf.tidy(() => {
    const outputs = [model.apply(images, { training: true })].flat() as tf.Tensor2D[];
    return lossOfOutputs(outputs, model.outputNames, recipe, labels);
  });
}

/**
 * The mean loss of a batch from what a model gave out in training.
 * @param outputs of each of the model's outputs, `[batch, classes]`
 * @param names the model's `outputNames`
 * @throws RangeError when heads and weights do not belong together
 */
export function lossOfOutputs(
  outputs: readonly tf.Tensor2D[],
  names: readonly string[],
  recipe: Pick<Recipe, 'loss' | 'auxiliary'>,
  labels: tf.Tensor1D,
): tf.Scalar {
  return tf.tidy(() => {
    const weights = recipe.auxiliary ?? {};
    const heads = names.slice(1);
    const strangers = Object.keys(weights).filter((name) => !heads.includes(name));
    if (strangers.length > 0 || heads.some((name) => !(name in weights))) {
      throw new RangeError(
        `auxiliary losses: expected a weight for each of [${heads.join(', ')}], found [${Object.keys(weights).join(', ')}]`,
      );
    }
    return heads.reduce<tf.Scalar>(
      (sum, name, index) => sum.add(meanLoss(recipe.loss, outputs[index + 1]!, labels).mul(weights[name]!)),
      meanLoss(recipe.loss, outputs[0]!, labels),
    );
  });
}
