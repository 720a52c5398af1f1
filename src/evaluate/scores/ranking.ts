/** Ranks classes by their scores, and turns scores into probabilities, by the kind of loss. */
import type { Loss } from '../../core/network';

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
