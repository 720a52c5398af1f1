/** Tables in Markdown, and how speeds are written in their cells. */
import { count } from './columns';

/** A table in Markdown. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Images per second, rounded to the significant digits. */
export function speedCell(imagesPerSecond: number): string {
  return imagesPerSecond < 100 ? imagesPerSecond.toFixed(1) : count(Math.round(imagesPerSecond));
}
