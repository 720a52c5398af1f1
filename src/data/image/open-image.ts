/** Opens an image of a data set, encoded or packed, and decodes what crops take out of it. */
import { UserError } from '../../core/errors';
import type { ImageFile } from '../dataset';
import { BadImageError, imageName } from './bad-image';
import { type Crop, type Rectangle, whole, wholeCrop } from './crop';
import { shrinkStored, type Shrinking } from './decode-region';
import { imageHeader, type ImageHeader, type Size } from './header';
import { storedCrop, turned, uprightSize } from './orientation';
import { packedPixels, readImageFile } from './read';
import { imageInMemory, type OpenImage } from './opened-image';
import { luma } from './pixels';
import { cropArray } from './resample';

/**
 * Reads an image's file once. The colours of an encoded image are the stored ones: colour profiles are ignored, also in
 * converting inks. Transparency is shown as white; of 16-bit values the upper 8 bits are kept. Grey is the luma of
 * BT.601.
 *
 * The resize: each new pixel is the mean of the old ones under a triangle about its centre, whose half base is one new
 * pixel, or one old one where the axis grows: Pillow's and PyTorch's antialiased `bilinear`. The whole region is
 * decoded at its full size whatever the format (JPEG and WebP are not shrunk while loading). An axis that shrinks to a
 * quarter or less is first averaged over whole numbers of pixels, leaving a factor of two or three to the triangle.
 *
 * @param channels the network's number of channels; packed images and images in memory have their own
 * @throws BadImageError when the image cannot be read, has an unknown format, is truncated or is larger than 120
 *   million pixels; UserError when the number of channels is neither 1 nor 3
 */
export async function openImage(file: ImageFile, channels: number): Promise<OpenImage> {
  const { packed, part } = file;
  if (packed && part) return imageInMemory(() => packedPixels({ ...file, part, packed }), packed.shape);
  if (channels !== 1 && channels !== 3) {
    throw new UserError(`images: expected a network that takes 1 or 3 channels, found ${channels}`);
  }
  const bytes = await readImageFile(file);
  const header = imageHeader(imageName(file), bytes);
  const size = uprightSize(header.stored, header.orientation);
  return {
    size,
    channels,
    decode: async (crop = wholeCrop(size)) => {
      const plan = storedCrop(checked(crop, size), header.stored, header.orientation);
      const pixels = await cropStored(imageName(file), bytes, header, plan);
      const upright = turned(pixels, plan.window, header.orientation, crop.flip);
      return channels === 1 ? luma(upright) : upright;
    },
  };
}

/** The error of an image that is damaged, if it is: all of its pixels are decoded to find out. */
export async function checkImage(file: ImageFile): Promise<BadImageError | undefined> {
  try {
    await (await openImage(file, 3)).decode();
    return undefined;
  } catch (error) {
    if (error instanceof BadImageError) return error;
    throw error;
  }
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
 * Libvips is used only to shrink: when it enlarges, it moves the image by half a pixel.
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
  const pixels = await shrinkStored(file, bytes, header, { region, ...size, window: whole(size) });
  return cropArray(pixels, [size.height, size.width, 3], {
    region: whole(size),
    height,
    width,
    window,
    flip: false,
  });
}
