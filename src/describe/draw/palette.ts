/** Colours of numbers that colour-blind readers can tell apart, and the scales that say what a colour means. */

/** How values become colours: grey from `least` (dark) to `most`, or blue below 0 and orange above it. */
export interface Scale {
  readonly kind: 'grey' | 'diverging';
  readonly least: number;
  readonly most: number;
}

/** The diverging scale of some values: 0 is white, and the largest of either sign is darkest. */
export function divergingScale(values: ArrayLike<number>): Scale {
  const most = largest(values);
  return { kind: 'diverging', least: -most, most };
}

/** The grey scale from the least to the greatest of some values. */
export function greyScale(values: ArrayLike<number>): Scale {
  const [least, most] = rangeOf(values);
  return { kind: 'grey', least, most: most > least ? most : least + 1 };
}

/** The least and the greatest of some values; of none, zeros. */
export function rangeOf(values: ArrayLike<number>): readonly [least: number, most: number] {
  let [least, most] = [Infinity, -Infinity];
  for (let at = 0; at < values.length; at++) {
    least = Math.min(least, values[at]!);
    most = Math.max(most, values[at]!);
  }
  return values.length === 0 ? [0, 0] : [least, most];
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let at = 0; at < values.length; at++) most = Math.max(most, Math.abs(values[at]!));
  return most || 1;
}

type Colour = readonly [red: number, green: number, blue: number];

/** Blue and orange: the ends of ColorBrewer’s PuOr-like scales that stay apart for all common colour blindness. */
const [below, zero, above]: readonly Colour[] = [
  [0, 68, 136],
  [247, 247, 247],
  [187, 85, 0],
];

/** The colour of a value. */
export function colourOf(value: number, { kind, least, most }: Scale): Colour {
  if (kind === 'grey') {
    const level = Math.round(255 * Math.min(1, Math.max(0, (value - least) / (most - least))));
    return [level, level, level];
  }
  const share = Math.min(1, Math.abs(value) / (value < 0 ? -least : most));
  const end = value < 0 ? below! : above!;
  return zero!.map((from, at) => Math.round(from + (end[at]! - from) * share)) as unknown as Colour;
}

/** Writes values as the pixels of an image, row by row: RGBA, as `ImageData` has them. The same colours as `colourOf`. */
export function paint(values: ArrayLike<number>, scale: Scale, into: Uint8ClampedArray): void {
  const { kind, least, most } = scale;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    const to = 4 * at;
    if (kind === 'grey') {
      // `Uint8ClampedArray` rounds, and cuts off what lies outside.
      into[to] = into[to + 1] = into[to + 2] = (255 * (value - least)) / (most - least);
    } else {
      const end = value < 0 ? below! : above!;
      const share = Math.min(1, Math.abs(value) / (value < 0 ? -least : most));
      for (let channel = 0; channel < 3; channel++)
        into[to + channel] = zero![channel]! + (end[channel]! - zero![channel]!) * share;
    }
    into[to + 3] = 255;
  }
}

/** The same for a picture in colours, `[height, width, 3]`. */
export function paintColours(values: ArrayLike<number>, scale: Scale, into: Uint8ClampedArray): void {
  for (let at = 0; at < values.length / 3; at++) {
    for (let channel = 0; channel < 3; channel++)
      into[4 * at + channel] = colourOf(values[3 * at + channel]!, scale)[0];
    into[4 * at + 3] = 255;
  }
}
