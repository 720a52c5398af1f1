/** The rejection curve: the error that remains when the least confident answers are rejected. */
import { isRight, type Answer } from './answers';

/** A point of a rejection curve; both are fractions. */
export interface Rejection {
  /** The share of all images that are rejected: those with the smallest margins. */
  readonly rejected: number;
  /** The error on the remaining images. */
  readonly error: number;
}

/** The part of an answer that tells whether it is right and how confident it is. */
type Judged = Pick<Answer, 'label' | 'best' | 'margin'>;

/** The curve from no rejected image to all but one: one point for each number of images. */
export function rejectionCurve(answers: readonly Judged[]): Rejection[] {
  const surestFirst = answers.toSorted((a, b) => b.margin - a.margin);
  let wrong = 0;
  const points = surestFirst.map((answer, index) => {
    if (!isRight(answer)) wrong++;
    return { rejected: (answers.length - index - 1) / answers.length, error: wrong / (index + 1) };
  });
  return points.reverse();
}

/** The last point of `errorsByRejected`, in units of 0.5 %. */
const mostRejected = 20;

/** The errors on the remaining images when at most 0, 0.5 %, 1 % and so on up to 10 % are rejected. */
export function errorsByRejected(answers: readonly Judged[]): Rejection[] {
  const curve = rejectionCurve(answers);
  return Array.from({ length: mostRejected + 1 }, (_, step) => ({
    rejected: step / 200,
    error: curve[Math.floor((step * answers.length) / 200)]!.error,
  }));
}

/** The smallest share to reject so that the error on the rest is at most the given one; null if no share suffices. */
export function rejectedFor(curve: readonly Rejection[], error: number): number | null {
  return curve.find((point) => point.error <= error)?.rejected ?? null;
}
