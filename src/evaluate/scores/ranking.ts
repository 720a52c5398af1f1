/** Ranks classes by their scores, turns scores into probabilities, by the kind of loss, and averages both. */
import type { Loss } from '../../core/network';
import type { Prediction } from './predict';

/**
 * The best classes, in order; of classes with equal scores, the one with the lower index comes first.
 * @param scores of one image, of the kind that `loss` names
 */
export function bestClasses(loss: Loss, scores: Float32Array, ranks: number): number[] {
  const sign = largestWins(loss) ? 1 : -1;
  const best: number[] = [];
  for (let rank = 0; rank < Math.min(ranks, scores.length); rank++) {
    let next = -1;
    for (let index = 0; index < scores.length; index++) {
      if (best.includes(index)) continue;
      if (next < 0 || sign * scores[index]! > sign * scores[next]!) next = index;
    }
    best.push(next);
  }
  return best;
}

/**
 * The probabilities of the classes, which sum to 1; null where the scores are activations against targets or distances,
 * which give none.
 * @param scores of one image
 */
export function probabilities(loss: Loss, scores: Float32Array): Float32Array | null {
  switch (loss.kind) {
    case 'softmaxCrossEntropy': {
      const { exp } = Math;
      const largest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
      const shares = scores.map((score) => exp(score - largest));
      const sum = shares.reduce((total, share) => total + share, 0);
      return shares.map((share) => share / sum);
    }
    case 'rbfPenalty':
    case 'squaredError':
      return null;
    default:
      return loss satisfies never;
  }
}

function largestWins(loss: Loss): boolean {
  switch (loss.kind) {
    case 'softmaxCrossEntropy':
    case 'squaredError':
      return true;
    case 'rbfPenalty':
      return false;
    default:
      return loss satisfies never;
  }
}

/**
 * Combines the scores of the crops of an image. The scores of a single crop are kept unchanged. For several crops, the
 * probabilities are averaged, as in the papers of AlexNet, VGG and GoogLeNet, or the scores if these give no
 * probabilities.
 * @param crops the class scores of each crop, `[classes]`
 */
export function averageScores(
  loss: Loss,
  crops: readonly Float32Array[],
): Pick<Prediction, 'scores' | 'probabilities'> {
  const shares = meanOf(crops.map((scores) => probabilities(loss, scores)));
  const scores = crops.length === 1 ? crops[0]! : (shares ?? meanOf(crops)!);
  return { scores, probabilities: shares };
}

/** The mean for each class; null where one of the arrays is null. */
export function meanOf(arrays: readonly (Float32Array | null)[]): Float32Array | null {
  const [first] = arrays;
  if (!first || arrays.includes(null)) return null;
  if (arrays.length === 1) return first;
  const mean = new Float32Array(first.length);
  for (const array of arrays) array!.forEach((value, index) => (mean[index]! += value / arrays.length));
  return mean;
}
