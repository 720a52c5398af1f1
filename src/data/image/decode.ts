import { BadImageError, imageName } from './bad-image';
import { luma, shrinkStored, type Shrinking } from './decode-region';
import type { Crop, Rectangle } from './crop';
import { cropArray } from './resample';
import { imageHeader, type ImageHeader, type Size } from './header';
import type { ImageFile } from '../dataset';
import { readPlace } from './read';
import { storedCrop, turned, uprightSize } from './orientation';

/**
 * The size of an image as it stands upright, by its header alone.
 * @throws BadImageError when it cannot be read, is of no format that is read, truncated or too large
 */
export async function imageSize(imageFile: ImageFile): Promise<Size> {
  const { stored, orientation } = imageHeader(imageName(imageFile), await readPlace(imageFile));
  return uprightSize(stored, orientation);
}

/**
 * A whole image, upright.
 * @returns `[height, width, channels]`, 0–255
 * @throws BadImageError as `decodeCrop` does
 */
export async function decodeImage(
  imageFile: ImageFile,
  channels: 1 | 3,
): Promise<Size & { readonly pixels: Uint8Array }> {
  let size: Size = { height: 0, width: 0 };
  const pixels = await decodeCrop(imageFile, channels, (found) => {
    size = found;
    const whole = { top: 0, left: 0, ...found };
    return { region: whole, ...found, window: whole, flip: false };
  });
  return { ...size, pixels };
}

/** What is wrong with an image, if anything is: all of its pixels are decoded to find out. */
export async function checkImage(imageFile: ImageFile): Promise<BadImageError | undefined> {
  try {
    await decodeImage(imageFile, 3);
    return undefined;
  } catch (error) {
    if (error instanceof BadImageError) return error;
    throw error;
  }
}

/**
 * Reads an image, once, and crops out of it what is wanted. Colours are the stored ones: profiles are ignored, inks
 * converted without one; transparency shows white; of 16 bits the upper 8 are kept. Grey is the luma of BT.601.
 *
 * The resize: each new pixel is the mean of the old ones under a triangle about its centre, whose half base is one new
 * pixel, or one old one where the axis grows: Pillow's and PyTorch's antialiased `bilinear`. The whole region is
 * decoded at its full size whatever the format (JPEG and WebP are not shrunk while loading). An axis that shrinks
 * to a quarter or less is first averaged over whole numbers of pixels, leaving a factor of two or three to the triangle.
 *
 * @param cropOf told the size of the upright image, answers with a crop of it
 * @returns `[window.height, window.width, channels]`, 0–255; the caller owns it
 * @throws BadImageError when the image cannot be read, is of no format that is read, truncated, damaged within the region
 *   or larger than 120 million pixels
 */
export async function decodeCrop(
  imageFile: ImageFile,
  channels: 1 | 3,
  cropOf: (size: Size) => Crop,
): Promise<Uint8Array> {
  const bytes = await readPlace(imageFile);
  const header = imageHeader(imageName(imageFile), bytes);
  const { stored, orientation } = header;
  const crop = checked(cropOf(uprightSize(stored, orientation)), uprightSize(stored, orientation));
  const plan = storedCrop(crop, stored, orientation);
  const pixels = await cropStored(imageName(imageFile), bytes, header, plan);
  const upright = turned(pixels, plan.window, orientation, crop.flip);
  return channels === 1 ? luma(upright) : upright;
}

function checked(crop: Crop, size: Size): Crop {
  const inside = ({ top, left, height, width }: Rectangle, outer: Size) =>
    [top, left, height, width].every(Number.isInteger) &&
    Math.min(top, left, height - 1, width - 1) >= 0 &&
    top + height <= outer.height &&
    left + width <= outer.width;
  if (inside(crop.region, size) && inside(crop.window, crop)) return crop;
  throw new RangeError(
    `expected a crop of an image of ${size.height}x${size.width}, found ${JSON.stringify(crop)}`,
  );
}

/**
 * Libvips shrinks; it does not enlarge, which would move the image by half a pixel.
 * @returns `[window.height, window.width, 3]`
 */
async function cropStored(
  file: string,
  bytes: Buffer,
  header: ImageHeader,
  plan: Shrinking,
): Promise<Uint8Array> {
  const { region, height, width, window } = plan;
  if (height <= region.height && width <= region.width) return shrinkStored(file, bytes, header, plan);
  const size = { height: Math.min(height, region.height), width: Math.min(width, region.width) };
  const whole = { top: 0, left: 0, ...size };
  const pixels = await shrinkStored(file, bytes, header, { region, ...size, window: whole });
  return cropArray(pixels, [size.height, size.width, 3], {
    region: whole,
    height,
    width,
    window,
    flip: false,
  });
}
