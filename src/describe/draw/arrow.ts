/** Draws the arrows between two blocks of a network, labelled with the operations. */
import type { Step } from './rows';
import { centredText, lineHeight, type Point, type Shape } from './shapes';

/**
 * The arrows between two blocks, labelled with what they do. Separate groups of maps have an arrow each; where every
 * group reads all the others, the arrows cross.
 * @param left edge of the space between the blocks
 */
export function arrowShapes(
  from: readonly Point[],
  to: readonly Point[],
  { width, text, crossing }: NonNullable<Step['arrow']>,
  left: number,
): Shape[] {
  const paired = !crossing && from.length === to.length;
  const lines = from.flatMap((start, index) =>
    to
      .filter((_, other) => !paired || other === index)
      .map((end): Shape => ({ kind: 'line', points: [start, end], head: true })),
  );
  return [...lines, ...words(text, left + width / 2, topOfWords(from, to, text.length, paired))];
}

/**
 * The vertical position of each line of a label. Beside a single level arrow the first line lies above and the others
 * below; several arrows have the label between them, or below if they cross.
 */
function topOfWords(
  from: readonly Point[],
  to: readonly Point[],
  lines: number,
  paired: boolean,
): (line: number) => number {
  const heights = [...from, ...to].map(([, y]) => y);
  const [highest, lowest] = [Math.min(...heights), Math.max(...heights)];
  const middle = (highest + lowest) / 2;
  if (highest === lowest) {
    return (line) => (line === 0 ? middle - lineHeight - 3 : middle + 3 + (line - 1) * lineHeight);
  }
  return paired
    ? (line) => middle + (line - lines / 2) * lineHeight
    : (line) => lowest + 6 + line * lineHeight;
}

function words(text: readonly string[], centre: number, top: (line: number) => number): Shape[] {
  return text.map((line, index) => centredText(line, centre, top(index), 'operation'));
}
