/** The loss of a recipe: for one output, and for a model with all its outputs. */
import { nativeOps, type Attribute } from '../core/tensorflow/native';
import { tf } from '../core/tf';
import type { Loss, Recipe } from '../core/network';

/**
 * The mean loss of a batch.
 * @param scores `[batch, classes]`, of the kind that `loss` names
 * @param labels `[batch]`, int32
 * @returns a scalar that the caller disposes of
 */
export function meanLoss(loss: Loss, scores: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  return tf.tidy(() => {
    const correct = tf.oneHot(labels, scores.shape[1]).toFloat() as tf.Tensor2D; // [batch, classes], 1 at the label
    switch (loss.kind) {
      case 'softmaxCrossEntropy':
        return weighted(
          crossEntropy(scores, labels, correct, loss.labelSmoothing),
          correct,
          loss.classWeights,
        )
          .mean()
          .asScalar();
      case 'rbfPenalty':
        return rbfPenalty(scores, correct, loss.rival);
      case 'squaredError': {
        const targets = correct.mul(loss.on - loss.off).add(loss.off);
        return scores.sub(targets).square().sum(1).mul(0.5).mean().asScalar();
      }
      default:
        return loss satisfies never;
    }
  });
}

/**
 * The cross-entropy of each image with smoothed labels. With z for the scores, c for the label and ϵ for `smoothing`,
 * Σ_k q_k · −log p_k for q_k = (1 − ϵ)[k = c] + ϵ/K is −log p_c + ϵ(z_c − z̄), for the normaliser is the same in all terms.
 * @param correct `[batch, classes]`, 1 at the label
 * @returns `[batch]`
 */
function crossEntropy(
  scores: tf.Tensor2D,
  labels: tf.Tensor1D,
  correct: tf.Tensor2D,
  smoothing: number | undefined,
): tf.Tensor1D {
  const losses = softmaxCrossEntropy(scores, labels);
  if (smoothing === undefined) return losses;
  const above = scores.mul(correct).sum<tf.Tensor1D>(1).sub<tf.Tensor1D>(scores.mean(1));
  return losses.add(above.mul(smoothing));
}

/**
 * @param losses `[batch]`; each is multiplied by the weight of its image's class
 * @param correct `[batch, classes]`, 1 at the label
 */
function weighted(
  losses: tf.Tensor1D,
  correct: tf.Tensor2D,
  classWeights: readonly number[] | undefined,
): tf.Tensor1D {
  if (!classWeights) return losses;
  // One scalar each, because an array created in JavaScript would be taken for an input that changes from update to
  // update. A product, because `gather` of tfjs-node reads the labels in JavaScript, which a recorded update must not
  // do.
  const weights = tf.concat1d(classWeights.map((weight) => tf.fill<tf.Rank.R1>([1], weight)));
  return losses.mul(correct.mul<tf.Tensor2D>(weights).sum<tf.Tensor1D>(1));
}

/** Eq. 8 (`rival: null`) and eq. 9 of LeCun, Bottou, Bengio, Haffner 1998; y is `penalties`, j is `rival`. */
function rbfPenalty(penalties: tf.Tensor2D, correct: tf.Tensor2D, rival: number | null): tf.Scalar {
  const own = penalties.mul(correct).sum(1); // y_correct
  if (rival === null) return own.mean();
  const rest = tf.fill<tf.Rank.R2>([penalties.shape[0], 1], -rival);
  const competition = tf.logSumExp(tf.concat([penalties.neg(), rest], 1), 1); // log(e^−j + Σ_i e^−y_i)
  return own.add(competition).mean();
}

/**
 * The mean training loss of a batch: the loss of `outputs[0]` plus the weighted losses of the auxiliary heads, which
 * are found by the names of their layers.
 * @param images `[batch, height, width, channels]`
 * @param labels `[batch]`, int32
 * @throws RangeError when the heads do not match the weights
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
 * The mean loss of a batch, given a model's outputs in training.
 * @param outputs one for each of the model's outputs, `[batch, classes]`
 * @param names the model's `outputNames`
 * @throws RangeError when the heads do not match the weights
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

const types: Readonly<Record<string, Attribute>> = {
  T: { type: 'type', value: 'float32' },
  Tlabels: { type: 'type', value: 'int32' },
};

/**
 * −log softmax(scores)[label] for each image. With native TensorFlow as the backend, a single operation computes it
 * with its gradient.
 * @param scores `[batch, classes]`, logits
 * @param labels `[batch]`, int32
 * @returns `[batch]`
 */
function softmaxCrossEntropy(scores: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  const run = nativeOps();
  if (!run) {
    const correct = tf.oneHot(labels, scores.shape[1]).toFloat();
    return tf.losses.softmaxCrossEntropy(correct, scores, undefined, 0, tf.Reduction.NONE);
  }
  const losses = tf.customGrad((logits, save) => {
    const inputs = [logits as tf.Tensor, labels];
    const [value, slopes] = run('SparseSoftmaxCrossEntropyWithLogits', types, inputs, 2);
    (save as tf.GradSaveFunc)([slopes!]);
    return {
      value: value!, // [batch]
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => saved[0]!.mul(dy.expandDims(1)), // [batch, classes]
    };
  });
  return losses(scores) as tf.Tensor1D;
}
