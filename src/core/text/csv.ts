/** Comma-separated values, as RFC 4180 describes them. */

/** A table in CSV: the head, then a line for each row, each ended by CR LF. Null is an empty cell. */
export function csv(
  head: readonly string[],
  rows: readonly (readonly (string | number | boolean | null)[])[],
): string {
  return [head, ...rows]
    .map((cells) => `${cells.map((cell) => csvField(cell === null ? '' : String(cell))).join(',')}\r\n`)
    .join('');
}

/** A field, in quotes where it holds what would end it. */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
