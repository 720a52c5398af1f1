/** Which wrong answers a report's page shows: confusions in order of their frequency, each with its surest mistakes. */
import { mistakesIn, type Answer } from '../../../evaluate/metrics/answers';

/** What is shown of wrong answers at most. */
export const mostShown = { worst: 20, confusions: 200, ofEach: 24, images: 500 } as const;

/** Images of one class that were answered with another. */
export interface ConfusedPair<One> {
  /** Indices of the classes. */
  readonly label: number;
  readonly answer: number;
  /** How many images there are of it. */
  readonly count: number;
  /** The surest of them, as many as are shown. */
  readonly shown: readonly One[];
}

/** The wrong answers that are shown. */
export interface WrongAnswers<One> {
  readonly worst: readonly One[];
  readonly pairs: readonly ConfusedPair<One>[];
  /** How many confusions there are, of which `pairs` has the most frequent. */
  readonly allPairs: number;
}

type Wrong = Pick<Answer, 'image' | 'label' | 'best' | 'margin' | 'probability'>;

/** The wrong answers to show, of all answers to a data set. */
export function wrongAnswers(answers: readonly Answer[]): WrongAnswers<Wrong> {
  const wrong = mistakesIn(answers);
  const pairs = new Map<string, Wrong[]>();
  for (const answer of wrong) {
    const key = `${answer.label} ${answer.best[0]}`;
    const known = pairs.get(key);
    if (known) known.push(answer);
    else pairs.set(key, [answer]);
  }
  const ordered = [...pairs.values()].sort((one, other) => other.length - one.length);
  let left: number = mostShown.images;
  return {
    worst: wrong.slice(0, mostShown.worst),
    pairs: ordered.slice(0, mostShown.confusions).map((of) => {
      const shown = of.slice(0, Math.min(mostShown.ofEach, left));
      left -= shown.length;
      return { label: of[0]!.label, answer: of[0]!.best[0]!, count: of.length, shown };
    }),
    allPairs: ordered.length,
  };
}
