/** Text in columns for a terminal, and numbers as it shows them. */
import { visibleLine } from './visible-text';

/** The maximum width of text for a terminal. */
export const terminalWidth = 100;

/** Rows of cells as lines of columns, each as wide as its widest cell; `right` lists the right-aligned ones. */
export function columns(rows: readonly (readonly string[])[], right: readonly number[]): string[] {
  const cells = rows.map((row) => row.map(visibleLine));
  const widths = cells.reduce<number[]>((widest, row) => {
    row.forEach((cell, index) => (widest[index] = Math.max(widest[index] ?? 0, cell.length)));
    return widest;
  }, []);
  return cells.map((row) =>
    row
      .map((cell, index) =>
        right.includes(index) ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!),
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
  const indent = Math.max(...lines.map((line) => line.length)) + 2;
  return rows.flatMap(({ text }, index) => {
    const [first = '', ...rest] = wrapped('', text, terminalWidth - indent, 0);
    return [
      (lines[index]!.padEnd(indent) + first).trimEnd(),
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
    if (longer.length <= width || line.trim() === '') line = longer;
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
