import type { Classification } from '../train/classifications';
import { visibleLine } from '../visible-text';
import { columns } from './columns';

/** Answers for a terminal: each picture, and below it the classes with their probabilities. */
export function classificationText(found: readonly Classification[]): string {
  return found
    .map(({ file, predictions }) => {
      const rows = predictions.map(({ label, probability, score }) => [
        probability === null ? score!.toPrecision(4) : `${(100 * probability).toFixed(2)} %`,
        label,
      ]);
      return [visibleLine(file), ...columns(rows, [0]).map((row) => `  ${row}`)].join('\n');
    })
    .join('\n');
}
