/** Numbers as pages and sheets write them. */

/** A number with four significant digits, and a true minus sign. */
export function number(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text =
    size >= 1e5 || size < 1e-4 ? value.toExponential(digits - 1) : String(Number(value.toPrecision(digits)));
  return text.replaceAll('-', '−');
}

/** A fraction as per cent. */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** A whole number with its thousands apart, which reads the same in both languages. */
export function grouped(count: number): string {
  return count.toLocaleString('en');
}
