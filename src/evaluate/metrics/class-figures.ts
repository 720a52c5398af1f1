/** What a confusion matrix says of each class: precision, recall, F1, their averages, and which classes are taken for which. */

/** How well a class is found. Each is a fraction; null where it would be a division by zero. */
export interface ClassFigures {
  /** Of the images that were answered with the class, the share that are of it; null if none was. */
  readonly precision: number | null;
  /** Of the images of the class, the share that were answered with it; null if there is none. */
  readonly recall: number | null;
  /** The harmonic mean, 2 TP / (2 TP + FP + FN); null if the class is neither a label nor an answer. */
  readonly f1: number | null;
}

/** A mean over the classes that are the label or the answer of an image; what is null in a class counts as 0. */
export type AverageFigures = Readonly<Record<keyof ClassFigures, number>>;

export interface Averages {
  /** Each class counts the same. */
  readonly macro: AverageFigures;
  /** Each class counts as often as it has images. */
  readonly weighted: AverageFigures;
}

/** Images of one class that were answered with another. */
export interface Confusion {
  readonly label: string;
  readonly answer: string;
  readonly images: number;
  /** How many images of `label` there are. */
  readonly of: number;
}

/** `confusion[label][answer]` counts images. */
type Matrix = readonly (readonly number[])[];

/** Precision, recall and F1 of each class, in the order of the matrix. */
export function classFigures(confusion: Matrix): readonly ClassFigures[] {
  return confusion.map((row, index) => {
    const right = row[index]!;
    const labelled = sum(row);
    const answered = sum(confusion.map((other) => other[index]!));
    return {
      precision: share(right, answered),
      recall: share(right, labelled),
      f1: share(2 * right, labelled + answered),
    };
  });
}

/** The averages of the classes' figures, as scikit-learn computes them with `zero_division=0`. */
export function averagesOf(confusion: Matrix): Averages {
  const figures = classFigures(confusion);
  const occurring = figures.flatMap((one, index) => (one.f1 === null ? [] : [index]));
  const mean = (weight: (index: number) => number): AverageFigures => {
    const all = sum(occurring.map(weight));
    const of = (name: keyof ClassFigures) =>
      sum(occurring.map((index) => weight(index) * (figures[index]![name] ?? 0))) / all;
    return { precision: of('precision'), recall: of('recall'), f1: of('f1') };
  };
  return { macro: mean(() => 1), weighted: mean((index) => sum(confusion[index]!)) };
}

/** The most confusions that are listed. */
const mostListed = 10;

/** The most frequent confusions, those first that are the larger share of their class where two are as frequent. */
export function topConfusions(confusion: Matrix, classes: readonly string[]): readonly Confusion[] {
  const all = confusion.flatMap((row, label) => {
    const of = sum(row);
    return row.flatMap((images, answer) =>
      images > 0 && label !== answer
        ? [{ label: classes[label]!, answer: classes[answer]!, images, of }]
        : [],
    );
  });
  return all.sort((one, other) => other.images - one.images || one.of - other.of).slice(0, mostListed);
}

function share(part: number, all: number): number | null {
  return all > 0 ? part / all : null;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
