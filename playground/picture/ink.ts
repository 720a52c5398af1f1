/** Digits on photos and screenshots: what is ink in them, light on dark. */
import { isDarkOnLight, luma, negative } from '../../src/data/image/pixels';
import { mnistFrame, normaliseDigit, type GreyPicture } from '../../src/data/formats/digits/normalise-digit';

/** Backgrounds darker than this need no cleaning: drawings, and digits of data sets. */
const darkest = 8;

/**
 * The digit of a picture as networks of digits take it. A picture of 28×28 pixels is taken as it is, but for a dark
 * digit on light, which is inverted: so do the commands. Others are freed of their background, scaled and centred.
 * @param colours `[height, width, 3]`
 * @returns `[28, 28]`; undefined if there is nothing to be seen
 */
export function digitOf(colours: Uint8Array, height: number, width: number): Uint8Array | undefined {
  const grey = luma(colours);
  const pixels = isDarkOnLight([{ pixels: grey, shape: [height, width, 1] }]) ? negative(grey) : grey;
  const { side } = mnistFrame;
  if (height === side && width === side) return pixels;
  return normaliseDigit(withoutBackground({ pixels, height, width }), mnistFrame);
}

/** The picture with black where there is no ink, and the ink as light as it gets. */
function withoutBackground(picture: GreyPicture): GreyPicture {
  if (levels(picture.pixels).paper < darkest) return picture;
  const { height, width } = picture;
  const pixels = evened(picture);
  const { paper, ink, between } = levels(pixels);
  const low = (paper + between) / 2;
  const stretched = pixels.map((value) =>
    Math.round(255 * Math.min(1, Math.max(0, (value - low) / Math.max(1, ink - low)))),
  );
  return { pixels: Uint8Array.from(stretched), height, width };
}

/** Strokes are narrower than this share of the picture, shadows wider. */
const widestStroke = 1 / 3;

/**
 * How much of the paper's light the ink takes, from 0 to 255, by what the paper has in each place: no shadow is taken
 * for ink, and ink in a shadow is as strong as any.
 */
function evened({ pixels, height, width }: GreyPicture): Uint8Array {
  const reach = Math.ceil((widestStroke * Math.max(height, width)) / 2);
  // Beyond its borders the picture goes on as it ends there: windows of paper lie there too.
  const [rows, columns] = [height + 2 * reach, width + 2 * reach];
  const inside = (place: number, length: number) => Math.min(length - 1, Math.max(0, place - reach));
  const wide = Uint8Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    return pixels[inside(row, height) * width + inside(column, width)]!;
  });
  const along = (values: Uint8Array, pick: (...values: number[]) => number) =>
    extremes(extremes(values, [columns, 1], reach, pick), [rows, columns], reach, pick);
  // An opening: lines that are narrower than the window vanish.
  const paper = along(along(wide, Math.min), Math.max);
  return pixels.map((value, at) => {
    const under = paper[(Math.floor(at / width) + reach) * columns + (at % width) + reach]!;
    return Math.round((255 * (value - under)) / Math.max(1, 255 - under));
  });
}

/**
 * The least or greatest values within a reach to both sides, along lines of a picture.
 * @param line how many places a line has, and how far apart they lie
 */
function extremes(
  values: Uint8Array,
  [places, apart]: readonly [places: number, apart: number],
  reach: number,
  pick: (...values: number[]) => number,
): Uint8Array {
  let found = values;
  // Windows of three that lie side by side make the next one.
  for (let done = 0; done < reach;) {
    const by = Math.min(2 * done + 1, reach - done);
    const before = found;
    found = before.map((value, at) => {
      const place = Math.floor(at / apart) % places;
      const [first, last] = [Math.max(0, place - by), Math.min(places - 1, place + by)];
      return pick(value, before[at + (first - place) * apart]!, before[at + (last - place) * apart]!);
    });
    done += by;
  }
  return found;
}

/**
 * The mean levels of background and ink, and the level that parts them best: the one with the greatest variance between
 * the two classes. Source: N. Otsu, A threshold selection method from gray-level histograms, 1979.
 */
function levels(pixels: Uint8Array): {
  readonly paper: number;
  readonly ink: number;
  readonly between: number;
} {
  const counts = new Float64Array(256);
  for (const value of pixels) counts[value]!++;
  const all = counts.reduce((sum, count, value) => sum + count * value, 0);
  let [below, sum, best] = [0, 0, -1];
  let found = { paper: 0, ink: 255, between: 128 };
  for (let level = 0; level < 255; level++) {
    below += counts[level]!;
    sum += counts[level]! * level;
    const above = pixels.length - below;
    if (below === 0 || above === 0) continue;
    const [paper, ink] = [sum / below, (all - sum) / above];
    const variance = below * above * (ink - paper) ** 2;
    if (variance > best) {
      best = variance;
      found = { paper, ink, between: level + 0.5 };
    }
  }
  return found;
}
