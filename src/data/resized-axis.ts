/** One axis of a resize, of which a stretch of the new pixels is wanted. */
export interface ResizedAxis {
  /** For each new pixel, the first old one that it takes a share of, … */
  readonly first: Int32Array;
  /** … how many it takes one of, … */
  readonly count: Int32Array;
  /** … and the shares, in units of 2^-22; those of the pixel i lie at i · `most` and on. */
  readonly shares: Int32Array;
  readonly most: number;
}

/** Pillow's fixed point: 8 bits of a pixel and two of carry leave 22 of 32 for shares. */
export const fractionBits = 22;

/**
 * Each new pixel is the mean of the old ones under a triangle about its centre, whose half base is one new pixel, or
 * one old one where the axis grows: Pillow's antialiased `bilinear`, as `decodeCut` resizes pictures.
 * @param from old pixels of the axis
 * @param to new ones
 * @param stretch the new pixels that are wanted
 */
export function resizedAxis(
  from: number,
  to: number,
  stretch: { readonly start: number; readonly length: number },
): ResizedAxis {
  const { abs, ceil, floor, max, min, round } = Math;
  const scale = from / to;
  const support = max(scale, 1);
  const most = 2 * ceil(support) + 1;
  const [first, count] = [new Int32Array(stretch.length), new Int32Array(stretch.length)];
  const shares = new Int32Array(stretch.length * most);
  const triangle = new Float64Array(most);
  for (let at = 0; at < stretch.length; at++) {
    const centre = (stretch.start + at + 0.5) * scale;
    const start = max(floor(centre - support + 0.5), 0);
    const length = min(floor(centre + support + 0.5), from) - start;
    let sum = 0;
    for (let tap = 0; tap < length; tap++) {
      triangle[tap] = max(1 - abs(start + tap + 0.5 - centre) / support, 0);
      sum += triangle[tap]!;
    }
    for (let tap = 0; tap < length; tap++) {
      shares[at * most + tap] = round((triangle[tap]! / sum) * 2 ** fractionBits);
    }
    first[at] = start;
    count[at] = length;
  }
  return { first, count, shares, most };
}
