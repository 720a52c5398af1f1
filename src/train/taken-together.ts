import type { Loss } from '../network';
import type { ImageScores } from './image-scores';
import { probabilities } from './ranking';

/**
 * What an image's parts amount to. The scores of one part are kept as they are; of several, the probabilities are
 * averaged, as the papers of AlexNet, VGG and GoogLeNet do, or where scores give none the scores.
 * @param parts the class scores of each, `[classes]`
 */
export function takenTogether(
  loss: Loss,
  parts: readonly Float32Array[],
): Pick<ImageScores, 'scores' | 'probabilities'> {
  const shares = meanOf(parts.map((scores) => probabilities(loss, scores)));
  const scores = parts.length === 1 ? parts[0]! : (shares ?? meanOf(parts)!);
  return { scores, probabilities: shares };
}

/** Class by class; null where one of them is. */
export function meanOf(arrays: readonly (Float32Array | null)[]): Float32Array | null {
  const [first] = arrays;
  if (!first || arrays.includes(null)) return null;
  if (arrays.length === 1) return first;
  const mean = new Float32Array(first.length);
  for (const array of arrays) array!.forEach((value, index) => (mean[index]! += value / arrays.length));
  return mean;
}
