/** An evaluation as text for a terminal. */
import { cutTo, paddedEnd, paddedStart, widthOf } from '../core/text/columns';
import { visibleLine } from '../core/text/visible-text';
import { columns } from '../core/text/columns';
import { counted } from '../core/text/counted';
import type { Evaluation } from './evaluate';
import type { AverageFigures, ClassFigures, Confusion } from './metrics/class-figures';

/** A fraction as percent, `1.01 %`. */
export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(2)} %`;
}

/** One line with the error, its interval and the data set. */
export function errorLine(evaluation: Evaluation): string {
  const { error, interval95, mistakes, images, dataset, top5Error } = evaluation;
  const interval = `95 % interval ${percent(interval95[0])} to ${percent(interval95[1])}`;
  const top5 = top5Error === null ? '' : `, top-5 error ${percent(top5Error)}`;
  return `error ${percent(error)} (${interval})${top5}: ${mistakes} of ${counted(images, 'image')}, ${dataset}`;
}

/**
 * An evaluation for a terminal: the error, each class with its confusions, precision, recall and F1, and the most
 * frequent confusions in words.
 * @param also `rejection`: the error after the least confident answers are rejected
 */
export function evaluationText(found: Evaluation, also: { readonly rejection?: boolean } = {}): string {
  const evaluation = {
    ...found,
    perClass: found.perClass.map((one) => ({ ...one, label: visibleLine(one.label) })),
  };
  const { perClass, confusion } = evaluation;
  const labelWidth = Math.max(5, ...perClass.map(({ label }) => widthOf(label)));
  const cellWidth = Math.max(5, ...perClass.map(({ label }) => Math.min(widthOf(label), 8))) + 1;
  const cell = (text: string | number) => paddedStart(cutTo(String(text), cellWidth - 1), cellWidth);
  const head = `${paddedEnd('class', labelWidth)}${cell('error')}% |${perClass.map(({ label }) => cell(label)).join('')}  (answers)`;
  const rows = perClass.map(({ label, images, mistakes }, row) => {
    const share = images ? ((100 * mistakes) / images).toFixed(1) : '-';
    const counts = confusion[row]!.map((count) => cell(count || '.')).join('');
    return `${paddedEnd(label, labelWidth)}${cell(share)}  |${counts}`;
  });
  const few = perClass.length <= 20;
  const matrix = few ? [head, ...rows] : worstClasses(evaluation);
  const guesses = (evaluation.topErrors ?? []).map(({ k, error }) => `top-${k} error ${percent(error)}`);
  const rejection = also.rejection ? [rejectionLine(evaluation)] : [];
  const figures = figuresTable(evaluation, few);
  const confused = evaluation.topConfusions.slice(0, mostConfused).map(confusionLine);
  return [
    ...[errorLine(evaluation), ...guesses, ...rejection, '', ...matrix, '', ...figures],
    ...(confused.length > 0 ? ['', ...confused] : []),
  ].join('\n');
}

/** The most confusions that a terminal shows. */
const mostConfused = 5;

/** A confusion in words, `17 of 200 “cat” were taken for “dog”`. */
export function confusionLine({ label, answer, images, of }: Confusion): string {
  const name = (text: string) => `“${visibleLine(text)}”`;
  return `${images} of ${of} ${name(label)} ${images === 1 ? 'was' : 'were'} taken for ${name(answer)}`;
}

/** Precision, recall and F1 in percent: of each class if there are few, and their averages. */
function figuresTable({ perClass, averages }: Evaluation, each: boolean): string[] {
  const cells = ({ precision, recall, f1 }: ClassFigures | AverageFigures) =>
    [precision, recall, f1].map((figure) => (figure === null ? '-' : percent(figure)));
  return columns(
    [
      ['', 'precision', 'recall', 'F1'],
      ...(each ? perClass.map((one) => [one.label, ...cells(one)]) : []),
      ['mean of the classes', ...cells(averages.macro)],
      ['weighted by images', ...cells(averages.weighted)],
    ],
    [1, 2, 3],
  );
}

function rejectionLine({ rejection }: Evaluation): string {
  const errorAt = (share: number) => percent(rejection.find(({ rejected }) => rejected === share)!.error);
  const falls = [0.01, 0.05, 0.1].map((share) => `${errorAt(share)} with ${100 * share} %`);
  return `error of the others, the least sure answers rejected: ${falls.join(', ')}`;
}

/** The ten worst classes, because a matrix of many classes does not fit a terminal. */
function worstClasses({ perClass }: Evaluation): string[] {
  const ordered = [...perClass].sort((a, b) => b.mistakes / (b.images || 1) - a.mistakes / (a.images || 1));
  return [
    'worst classes',
    ...ordered.slice(0, 10).map((row) => `${row.label}: ${row.mistakes} of ${row.images}`),
  ];
}
