/** A drawn digit as text of an address: runs of empty pixels, and the others’ values. */

const prefix = 'drawn-';

/** 28×28 grey values as text of letters that an address takes as they are. */
export function digitCode(pixels: Uint8Array): string {
  const bytes: number[] = [];
  for (let at = 0; at < pixels.length;) {
    if (pixels[at]! > 0) {
      bytes.push(pixels[at++]!);
      continue;
    }
    let run = 0;
    while (run < 255 && pixels[at + run] === 0) run++;
    bytes.push(0, run);
    at += run;
  }
  const text = btoa(String.fromCharCode(...bytes));
  return prefix + text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The grey values of such a text; undefined if it is none, or of another size. */
export function decodedDigit(code: string, size = 28 * 28): Uint8Array | undefined {
  if (!/^drawn-[\w-]*$/.test(code)) return undefined;
  let bytes: string;
  try {
    bytes = atob(code.slice(prefix.length).replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return undefined;
  }
  const pixels = new Uint8Array(size);
  let at = 0;
  for (let from = 0; from < bytes.length; from++) {
    const value = bytes.charCodeAt(from);
    if (value > 0) pixels[at++] = value;
    else at += bytes.charCodeAt(++from);
    if (!(at <= size)) return undefined;
  }
  return at === size ? pixels : undefined;
}
