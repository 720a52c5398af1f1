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
function withoutBackground({ pixels, height, width }: GreyPicture): GreyPicture {
  const { paper, ink, between } = levels(pixels);
  if (paper < darkest) return { pixels, height, width };
  const low = (paper + between) / 2;
  const stretched = pixels.map((value) =>
    Math.round(255 * Math.min(1, Math.max(0, (value - low) / Math.max(1, ink - low)))),
  );
  return { pixels: Uint8Array.from(stretched), height, width };
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
