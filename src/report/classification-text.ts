import type { Classification } from '../train/classifications';
import { scoreWords } from '../train/score-kind';
import { visibleLine } from '../visible-text';
import { columns } from './columns';

/**
 * Answers for a terminal: each picture, and below it the classes with their probabilities; or with their scores, and
 * before all of them a line that says what these are.
 */
export function classificationText(found: readonly Classification[]): string {
  const kind = found[0]?.scores ?? 'probabilities';
  const head = kind === 'probabilities' ? [] : [scoreWords[kind]];
  const pictures = found.map(({ file, predictions }) => {
    const rows = predictions.map(({ label, probability, score }) => [
      probability === null ? score!.toPrecision(4) : `${(100 * probability).toFixed(2)} %`,
      label,
    ]);
    return [visibleLine(file), ...columns(rows, [0]).map((row) => `  ${row}`)].join('\n');
  });
  return [...head, ...pictures].join('\n');
}
