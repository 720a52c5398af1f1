/** The meaning of a network’s class scores, and in words which of two is the better. */
import type { Loss } from './network';

/** The meaning of a network's class scores. */
export type ScoreKind = 'logits' | 'distances' | 'activations';

/** The meaning of the class scores of a network that is trained with a loss. */
export function scoreKind(loss: Pick<Loss, 'kind'>): ScoreKind {
  switch (loss.kind) {
    case 'softmaxCrossEntropy':
      return 'logits';
    case 'rbfPenalty':
      return 'distances';
    case 'squaredError':
      return 'activations';
    default:
      return loss.kind satisfies never;
  }
}

/** Each kind in words, with which of two scores is the better. */
export const scoreWords: Readonly<Record<ScoreKind, string>> = {
  logits: 'logits, larger is surer; their softmax is the probabilities',
  distances: 'distances, smaller is nearer',
  activations: 'activations, larger is surer; they are no probabilities',
};

/**
 * 1 where the larger of two scores is the better, −1 where the smaller is: by this a score is multiplied where it counts
 * as what speaks for a class.
 */
export function directionOf(kind: ScoreKind): 1 | -1 {
  return kind === 'distances' ? -1 : 1;
}
