/** How well a network's probabilities match how often it is right. */
export interface Calibration {
  /** Expected calibration error: the mean over all images of |accuracy − confidence| of their bins. */
  readonly error: number;
  /** Bins of the probability of the answer, in ascending order; empty ones are left out. */
  readonly bins: readonly {
    readonly images: number;
    /** The mean probability of the answers, and the share of them that are right. */
    readonly confidence: number;
    readonly accuracy: number;
  }[];
}

/** The number of bins in Guo et al. 2017. */
const binCount = 15;

/**
 * Guo, Pleiss, Sun, Weinberger 2017, On calibration of modern neural networks, §2 and eq. 3: answers in bins of equal width.
 * @param answers each with its probability and whether it is right
 */
export function calibration(
  answers: readonly { readonly probability: number; readonly right: boolean }[],
): Calibration {
  const bins = Array.from({ length: binCount }, () => ({ images: 0, confidence: 0, right: 0 }));
  for (const { probability, right } of answers) {
    // A bin includes its upper end. Rounding can push a mean of probabilities just above 1.
    const bin = bins[Math.min(binCount, Math.max(1, Math.ceil(probability * binCount))) - 1]!;
    bin.images++;
    bin.confidence += probability;
    if (right) bin.right++;
  }
  const filled = bins
    .filter(({ images }) => images > 0)
    .map(({ images, confidence, right }) => ({
      images,
      confidence: confidence / images,
      accuracy: right / images,
    }));
  const error = filled.reduce(
    (sum, { images, confidence, accuracy }) =>
      sum + (images / answers.length) * Math.abs(accuracy - confidence),
    0,
  );
  return { error, bins: filled };
}
