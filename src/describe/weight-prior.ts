/** The Gaussian prior on weights that a weight decay corresponds to. */
import type { Multiplier, Recipe } from '../core/network';

/**
 * The Gaussian prior that a weight decay corresponds to. The update w ← w − ε(∂L/∂w + λw) minimises L + ½λ|w|², where L
 * is the mean over N images of −log p(class | image, w). N times that is −log of the posterior of w under a prior N(0,
 * σ²), whose own term is ½|w|²/σ²: hence 1/σ² = λN. λ is the prior's precision per training image.
 */
export interface WeightPrior {
  /** λ. */
  readonly precisionPerImage: number;
  /** N, null where the data set's size is not known here. */
  readonly images: number | null;
  /** σ; null without weight decay or if N is unknown. */
  readonly deviation: number | null;
  /** The recipe's rules that set another λ for some weights. */
  readonly exceptions: readonly Multiplier[];
}

/** The Gaussian prior for which a recipe’s weight decay stands. */
export function weightPrior(recipe: Recipe, images: number | null): WeightPrior {
  const { weightDecay: precisionPerImage, multipliers = [] } = recipe;
  return {
    precisionPerImage,
    images,
    deviation: precisionPerImage > 0 && images !== null ? 1 / Math.sqrt(precisionPerImage * images) : null,
    exceptions: multipliers.filter(({ decay }) => decay !== 1),
  };
}
