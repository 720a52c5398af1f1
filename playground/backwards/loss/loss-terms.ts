/** The loss of one picture taken apart: what each class adds to it. */
import type { Loss } from '../../../src/core/network';

/** The loss in its parts, by the kind of loss. */
export type LossTerms =
  /** LeCun et al. 1998, eq. 9: y_target + log(e^−j + Σ_i e^−y_i); eq. 8, without competition, if `rival` is null. */
  | {
      readonly kind: 'rbfPenalty';
      readonly rival: number | null;
      /** y_target. */
      readonly own: number;
      /** e^−y_i. */
      readonly nearness: readonly number[];
      /** log(e^−j + Σ_i e^−y_i), or 0 without competition. */
      readonly competition: number;
      readonly loss: number;
    }
  /** ½ Σ_i (s_i − t_i)². */
  | {
      readonly kind: 'squaredError';
      readonly targets: readonly number[];
      /** ½ (s_i − t_i)². */
      readonly halves: readonly number[];
      readonly loss: number;
    }
  /** −w log p_target, with p_i = e^z_i / Σ_k e^z_k and the weight w of the target's class. */
  | {
      readonly kind: 'softmaxCrossEntropy';
      readonly probabilities: readonly number[];
      readonly weight: number;
      readonly loss: number;
    };

/**
 * The terms of a loss.
 * @param scores one a class, of the kind that `loss` names
 * @param target the class that should be answered
 */
export function lossTerms(loss: Loss, scores: ArrayLike<number>, target: number): LossTerms {
  const all = Array.from(scores);
  switch (loss.kind) {
    case 'rbfPenalty': {
      const { kind, rival } = loss;
      const own = all[target]!;
      const nearness = all.map((distance) => Math.exp(-distance));
      const competition = rival === null ? 0 : logSumExp([-rival, ...all.map((distance) => -distance)]);
      return { kind, rival, own, nearness, competition, loss: own + competition };
    }
    case 'squaredError': {
      const targets = all.map((_, at) => (at === target ? loss.on : loss.off));
      const halves = all.map((score, at) => (score - targets[at]!) ** 2 / 2);
      return { kind: loss.kind, targets, halves, loss: halves.reduce((sum, half) => sum + half, 0) };
    }
    case 'softmaxCrossEntropy': {
      const whole = logSumExp(all);
      const weight = loss.classWeights?.[target] ?? 1;
      const probabilities = all.map((score) => Math.exp(score - whole));
      const mean = all.reduce((sum, score) => sum + score / all.length, 0);
      const above = (loss.labelSmoothing ?? 0) * (all[target]! - mean); // what smoothed labels add
      return { kind: loss.kind, probabilities, weight, loss: weight * (whole - all[target]! + above) };
    }
    default:
      return loss satisfies never;
  }
}

/** log Σ e^x, with the largest x taken out, so that no power overflows or is lost. */
function logSumExp(values: readonly number[]): number {
  const most = Math.max(...values);
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0));
}
