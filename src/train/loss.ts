import { tf } from '../tf';
import type { Loss } from '../network';
import { softmaxCrossEntropy } from './softmax-cross-entropy';

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
        return weighted(softmaxCrossEntropy(scores, labels), correct, loss.classWeights).mean().asScalar();
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
 * @param losses `[batch]`, each of which is multiplied by the weight of its image's class
 * @param correct `[batch, classes]`, 1 at the label
 */
function weighted(
  losses: tf.Tensor1D,
  correct: tf.Tensor2D,
  classWeights: readonly number[] | undefined,
): tf.Tensor1D {
  if (!classWeights) return losses;
  // One by one: an array made in JavaScript would be taken for numbers that change from update to update. And a product,
  // for tfjs-node's `gather` reads the labels in JavaScript, which no recorded update may.
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
