/** Text in columns for a terminal, and numbers as it shows them. */
import stringWidth from 'string-width';
import { visibleLine } from './visible-text';

/** The maximum width of text for a terminal. */
export const terminalWidth = 100;

/**
 * The columns that a text takes in a terminal: two for each Chinese character, none for a combining mark.
 * @param text a line without colours
 */
export function widthOf(text: string): number {
  return onlyAscii.test(text) ? text.length : stringWidth(text);
}

const onlyAscii = /^[\u0020-\u007e]*$/;

/** The beginning of a text that fits into so many columns of a terminal. */
export function cutTo(text: string, width: number): string {
  let cut = '';
  for (const { segment } of segments.segment(text)) {
    if (widthOf(cut + segment) > width) break;
    cut += segment;
  }
  return cut;
}

/** Letters with the marks on them, so that none is cut in two. */
const segments = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** As `padEnd`, to columns of a terminal. */
export function paddedEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** As `padStart`, to columns of a terminal. */
export function paddedStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** Rows of cells as lines of columns, each as wide as its widest cell; `right` lists the right-aligned ones. */
export function columns(rows: readonly (readonly string[])[], right: readonly number[]): string[] {
  const cells = rows.map((row) => row.map(visibleLine));
  const widths = cells.reduce<number[]>((widest, row) => {
    row.forEach((cell, index) => (widest[index] = Math.max(widest[index] ?? 0, widthOf(cell))));
    return widest;
  }, []);
  return cells.map((row) =>
    row
      .map((cell, index) =>
        right.includes(index) ? paddedStart(cell, widths[index]!) : paddedEnd(cell, widths[index]!),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** Like `columns`, with a text at the end of each row that is wrapped and indented if it is too long. */
export function columnsThenText(
  rows: readonly { readonly cells: readonly string[]; readonly text: string }[],
  right: readonly number[],
): string[] {
  const lines = columns(
    rows.map(({ cells }) => cells),
    right,
  );
  const indent = Math.max(...lines.map(widthOf)) + 2;
  return rows.flatMap(({ text }, index) => {
    const [first = '', ...rest] = wrapped('', text, terminalWidth - indent, 0);
    return [
      (paddedEnd(lines[index]!, indent) + first).trimEnd(),
      ...rest.map((part) => ' '.repeat(indent) + part),
    ];
  });
}

/** A paragraph broken between words; its first line starts with `head`, the others with `indent` spaces. */
export function wrapped(head: string, text: string, width = terminalWidth, indent = 2): string[] {
  const lines: string[] = [];
  let line = head;
  for (const word of text.split(/\s+/)) {
    const longer = line === '' || line.endsWith(' ') ? line + word : `${line} ${word}`;
    if (widthOf(longer) <= width || line.trim() === '') line = longer;
    else {
      lines.push(line);
      line = ' '.repeat(indent) + word;
    }
  }
  return [...lines, line];
}

/** A whole number with thousands separators, `60,965,224`. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** A difference with its sign, `+1,849` or `−307`. */
export function signed(value: number): string {
  return value === 0 ? '0' : `${value > 0 ? '+' : '−'}${count(Math.abs(value))}`;
}
