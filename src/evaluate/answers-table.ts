/** A network's answers as a table in which one finds wrong labels and weak classes: as JSON and as CSV. */
import { csv } from '../core/text/csv';
import { scoreKind, type ScoreKind } from '../core/score-kind';
import type { Loss } from '../core/network';
import type { ImageSet } from '../data/dataset';
import { originalName } from '../data/image/image-error';
import { isRight, type Answer } from './metrics/answers';
import type { Classification } from './scores/classify';

/** What orders a network's answers; of distances, the smallest is the best. */
type Measure = 'probability' | 'distance' | 'activation';

/** A class with its measure, `{ "class": "cat", "index": 3, "probability": 0.98 }`. */
type Named = { readonly class: string; readonly index: number } & Partial<Readonly<Record<Measure, number>>>;

/** One image of the table. */
export interface AnswerRow {
  /** The image's file; null for one of a file of many, as MNIST's. */
  readonly file: string | null;
  /** Its place in what was evaluated, from 0. */
  readonly image: number;
  /** Its label, with what the network gives it; absent where an image has none. */
  readonly label?: Named;
  /** Whether the first answer is the label. */
  readonly right?: boolean;
  /** The best classes in order. */
  readonly answers: readonly Named[];
  /** The difference between the first and the second answer; null if there is one class alone. */
  readonly margin: number | null;
  /** The image was dark on light, and was shown inverted. */
  readonly inverted?: true;
}

/** The answers of an evaluation, in the order of the data set. */
export function evaluatedRows(
  answers: readonly Answer[],
  data: ImageSet,
  loss: Pick<Loss, 'kind'>,
): readonly AnswerRow[] {
  const measure = measureOf(scoreKind(loss));
  const named = (index: number, value: number): Named => ({
    class: data.classes[index]!,
    index,
    [measure]: value,
  });
  return answers.map((answer) => ({
    file: data.kind === 'files' ? originalName(data.files[answer.image]!) : null,
    image: answer.image,
    label: named(answer.label, answer.ofLabel),
    right: isRight(answer),
    answers: answer.best.map((index, rank) => named(index, answer.values[rank]!)),
    margin: marginOf(answer.values),
    ...(answer.inverted && { inverted: true }),
  }));
}

/** The answers to images without labels. */
export function classifiedRows(found: readonly Classification[]): readonly AnswerRow[] {
  return found.map(({ file, scores, predictions, inverted }, image) => {
    const measure = measureOf(scores === 'probabilities' ? 'logits' : scores);
    const answers = predictions.map(({ label, index, probability, score }) => ({
      class: label,
      index,
      [measure]: probability ?? score!,
    }));
    const values = predictions.map(({ probability, score }) => probability ?? score!);
    return { file, image, answers, margin: marginOf(values), ...(inverted && { inverted }) };
  });
}

function measureOf(kind: ScoreKind): Measure {
  return ({ logits: 'probability', distances: 'distance', activations: 'activation' } as const)[kind];
}

function marginOf([first, second]: readonly number[]): number | null {
  return first === undefined || second === undefined ? null : Math.abs(first - second);
}

/**
 * The table as CSV. The columns: `file`, `image`, with labels `label`, `label_index`, `label_probability` and `right`,
 * then `answer1`, `answer1_index`, `probability1` and so on, `margin` and `inverted`; of networks without probabilities
 * `distance` or `activation` stands in their place. Names stand as they are.
 * @param rows at least one
 */
export function answersCsv(rows: readonly AnswerRow[]): string {
  const labelled = rows[0]!.label !== undefined;
  const ranks = rows[0]!.answers.length;
  const measure = (['probability', 'distance', 'activation'] as const).find(
    (one) => rows[0]!.answers[0]![one] !== undefined,
  )!;
  const cells = (named: Named) => [named.class, named.index, named[measure]!];
  return csv(
    [
      ...['file', 'image'],
      ...(labelled ? ['label', 'label_index', `label_${measure}`, 'right'] : []),
      ...Array.from({ length: ranks }, (_, at) => [
        `answer${at + 1}`,
        `answer${at + 1}_index`,
        `${measure}${at + 1}`,
      ]).flat(),
      ...['margin', 'inverted'],
    ],
    rows.map(({ file, image, label, right, answers, margin, inverted = false }) => [
      ...[file, image],
      ...(labelled ? [...cells(label!), right!] : []),
      ...answers.flatMap(cells),
      ...[margin, inverted],
    ]),
  );
}
