import { BadPicture, placeName } from './bad-image';
import { luma, shrinkStored, type Shrinking } from './decode-region';
import type { Cut, Rectangle } from './crop';
import { cutArray } from './resample';
import { pictureHeader, type PictureHeader, type Size } from './header';
import type { Place } from '../dataset';
import { readPlace } from './read';
import { storedCut, turned, uprightSize } from './orientation';

/**
 * The size of a picture as it stands upright, by its header alone.
 * @throws BadPicture when it cannot be read, is of no format that is read, truncated or too large
 */
export async function pictureSize(place: Place): Promise<Size> {
  const { stored, orientation } = pictureHeader(placeName(place), await readPlace(place));
  return uprightSize(stored, orientation);
}

/**
 * A whole picture, upright.
 * @returns `[height, width, channels]`, 0–255
 * @throws BadPicture as `decodeCut` does
 */
export async function decodePicture(
  place: Place,
  channels: 1 | 3,
): Promise<Size & { readonly pixels: Uint8Array }> {
  let size: Size = { height: 0, width: 0 };
  const pixels = await decodeCut(place, channels, (found) => {
    size = found;
    const whole = { top: 0, left: 0, ...found };
    return { region: whole, ...found, window: whole, flip: false };
  });
  return { ...size, pixels };
}

/** What is wrong with a picture, if anything is: all of its pixels are decoded to find out. */
export async function checkPicture(place: Place): Promise<BadPicture | undefined> {
  try {
    await decodePicture(place, 3);
    return undefined;
  } catch (error) {
    if (error instanceof BadPicture) return error;
    throw error;
  }
}

/**
 * Reads a picture, once, and cuts out of it what is wanted. Colours are the stored ones: profiles are ignored, inks
 * converted without one; transparency shows white; of 16 bits the upper 8 are kept. Grey is the luma of BT.601.
 *
 * The resize: each new pixel is the mean of the old ones under a triangle about its centre, whose half base is one new
 * pixel, or one old one where the axis grows: Pillow's and PyTorch's antialiased `bilinear`. The whole region is
 * decoded at its full size whatever the format (JPEG and WebP are not shrunk while loading). An axis that shrinks
 * to a quarter or less is first averaged over whole numbers of pixels, leaving a factor of two or three to the triangle.
 *
 * @param cutOf told the size of the upright picture, answers with a cut of it
 * @returns `[window.height, window.width, channels]`, 0–255; the caller owns it
 * @throws BadPicture when the picture cannot be read, is of no format that is read, truncated, damaged within the region
 *   or larger than 120 million pixels
 */
export async function decodeCut(
  place: Place,
  channels: 1 | 3,
  cutOf: (size: Size) => Cut,
): Promise<Uint8Array> {
  const bytes = await readPlace(place);
  const header = pictureHeader(placeName(place), bytes);
  const { stored, orientation } = header;
  const cut = checked(cutOf(uprightSize(stored, orientation)), uprightSize(stored, orientation));
  const plan = storedCut(cut, stored, orientation);
  const pixels = await cutStored(placeName(place), bytes, header, plan);
  const upright = turned(pixels, plan.window, orientation, cut.flip);
  return channels === 1 ? luma(upright) : upright;
}

function checked(cut: Cut, size: Size): Cut {
  const inside = ({ top, left, height, width }: Rectangle, outer: Size) =>
    [top, left, height, width].every(Number.isInteger) &&
    Math.min(top, left, height - 1, width - 1) >= 0 &&
    top + height <= outer.height &&
    left + width <= outer.width;
  if (inside(cut.region, size) && inside(cut.window, cut)) return cut;
  throw new RangeError(
    `expected a cut of a picture of ${size.height}x${size.width}, found ${JSON.stringify(cut)}`,
  );
}

/**
 * Libvips shrinks; it does not enlarge, which would move the picture by half a pixel.
 * @returns `[window.height, window.width, 3]`
 */
async function cutStored(
  file: string,
  bytes: Buffer,
  header: PictureHeader,
  plan: Shrinking,
): Promise<Uint8Array> {
  const { region, height, width, window } = plan;
  if (height <= region.height && width <= region.width) return shrinkStored(file, bytes, header, plan);
  const size = { height: Math.min(height, region.height), width: Math.min(width, region.width) };
  const whole = { top: 0, left: 0, ...size };
  const pixels = await shrinkStored(file, bytes, header, { region, ...size, window: whole });
  return cutArray(pixels, [size.height, size.width, 3], {
    region: whole,
    height,
    width,
    window,
    flip: false,
  });
}
