import { isRight, type Answer } from './answers';

/** A point of a rejection curve; both are fractions. */
export interface Rejection {
  /** Of all images, those that are not answered: the ones with the least margins. */
  readonly rejected: number;
  /** Of the images that are answered. */
  readonly error: number;
}

/** What tells whether an answer is right and how sure it is. */
type Judged = Pick<Answer, 'label' | 'best' | 'margin'>;

/** The curve from no image rejected to all but one: one point for each number of images. */
export function rejectionCurve(answers: readonly Judged[]): Rejection[] {
  const surestFirst = answers.toSorted((a, b) => b.margin - a.margin);
  let wrong = 0;
  const points = surestFirst.map((answer, index) => {
    if (!isRight(answer)) wrong++;
    return { rejected: (answers.length - index - 1) / answers.length, error: wrong / (index + 1) };
  });
  return points.reverse();
}

/** Of `errorsByRejected`, in half percent. */
const mostRejected = 20;

/** The errors of what is left when at most 0, 0.5 %, 1 % and so on up to 10 % of the images are rejected. */
export function errorsByRejected(answers: readonly Judged[]): Rejection[] {
  const curve = rejectionCurve(answers);
  return Array.from({ length: mostRejected + 1 }, (_, step) => ({
    rejected: step / 200,
    error: curve[Math.floor((step * answers.length) / 200)]!.error,
  }));
}

/** The least share to reject so that of the rest at most the given share is wrong; null where none suffices. */
export function rejectedFor(curve: readonly Rejection[], error: number): number | null {
  return curve.find((point) => point.error <= error)?.rejected ?? null;
}
