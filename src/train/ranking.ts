import type { Loss } from '../network';

/**
 * The classes that a network answers with, the best first; of equal scores, the lower class first.
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
