/** The second derivatives of each loss, from which those of a network are propagated back. */
import { tf } from '../../../core/tf';
import { UserError } from '../../../core/errors';
import { Rbf } from '../../../layers/rbf';
import type { SecondDerivatives } from '../../../layers/second-derivatives';
import type { Loss } from '../../../core/network';

/** The second derivatives of the loss, from which those of the network are propagated back. */
export interface LossCurvature extends SecondDerivatives {
  /**
   * How many of the last layers count as part of the loss, so that `input` refers to the input of the first of them.
   */
  readonly layers: 0 | 1;
}

/**
 * The second derivatives of the loss E of each image of a batch, with respect to the scores. If the units measure
 * distances from codes, the derivatives are instead with respect to the states of the layer below them. Those distances
 * count as part of the loss, whose own second derivatives are not approximated; so those of eq. 8 of LeCun et al. 1998
 * are 2, and not 0.
 * @param last the layer that produces the scores
 * @param input that layer's input, `[batch, inputs]`
 * @param scores `[batch, classes]`
 * @param labels `[batch]`, int32
 * @throws UserError when distances are needed and the last layer does not produce them
 */
export function lossCurvature(
  loss: Loss,
  last: tf.layers.Layer,
  input: tf.Tensor,
  scores: tf.Tensor2D,
  labels: tf.Tensor1D,
): LossCurvature {
  switch (loss.kind) {
    case 'squaredError':
      return { layers: 0, input: tf.onesLike(scores), weights: [] };
    case 'softmaxCrossEntropy': {
      refuseClassWeights(loss);
      const shares = tf.softmax(scores);
      return { layers: 0, input: shares.mul(tf.sub(1, shares)), weights: [] };
    }
    case 'rbfPenalty':
      if (!(last instanceof Rbf)) {
        throw new UserError(
          `rbfPenalty: expected distances from codes as the last layer, found ${last.name}`,
        );
      }
      return { layers: 1, ...ofDistances(loss.rival, last, input as tf.Tensor2D, scores, labels) };
    default:
      return loss satisfies never;
  }
}

/** @throws UserError for class weights */
export function refuseClassWeights({ classWeights }: { readonly classWeights?: readonly number[] }): void {
  if (classWeights)
    throw new UserError('loss: expected no class weights with second derivatives, found some');
}

/**
 * For E = y_c + log(e^−j + Σ_i e^−y_i), with y_i = Σ_k (x_k − w_ik)² and p_i = e^−y_i / (e^−j + Σ_i e^−y_i):
 * ∂²E/∂x_k² = 2(1 − Σ_i p_i) + 4(Σ_i p_i (x_k − w_ik)² − (Σ_i p_i (x_k − w_ik))²), which is never negative;
 * ∂²E/∂w_ik² = 2[i = c] + 4 p_i (1 − p_i)(x_k − w_ik)², without its part −2p_i, which could make it negative.
 * Without j all p_i are 0.
 */
function ofDistances(
  rival: number | null,
  layer: Rbf,
  input: tf.Tensor2D,
  distances: tf.Tensor2D,
  labels: tf.Tensor1D,
): SecondDerivatives {
  const codes = layer.getWeights()[0] as tf.Tensor2D;
  const shares = rival === null ? tf.zerosLike(distances) : sharesWith(rival, distances); // p, [batch, classes]
  const ways = input.expandDims<tf.Tensor3D>(1).sub<tf.Tensor3D>(codes); // [batch, classes, inputs]
  const weighted = ways.mul<tf.Tensor3D>(shares.expandDims(2));
  const spread = weighted.mul(ways).sum(1).sub(weighted.sum(1).square());
  const rest = tf.sub(1, shares.sum(1, true)); // [batch, 1]
  const own = tf.oneHot(labels, codes.shape[0]).toFloat().sum(0).mul(2).expandDims(1); // [classes, 1]
  const bends = shares.mul(tf.sub(1, shares)).expandDims(2).mul(ways.square()).sum(0).mul(4);
  return {
    input: spread.mul(4).add(rest.mul(2)).relu(), // rounding can leave a spread just below 0
    weights: layer.trainable ? [bends.add(own)] : [],
  };
}

function sharesWith(rival: number, distances: tf.Tensor2D): tf.Tensor2D {
  const rest = tf.fill<tf.Rank.R2>([distances.shape[0], 1], -rival);
  const all = tf.softmax(tf.concat([distances.neg(), rest], 1));
  return all.slice([0, 0], distances.shape);
}
