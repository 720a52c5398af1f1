/** Fields of CSV files (RFC 4180). */

/** A field, in quotes where it holds what would end it. */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
