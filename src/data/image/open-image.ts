/** Opens an image of a data set, encoded or packed, and decodes what crops take out of it. */
import { UserError } from '../../core/errors';
import type { ImageShape } from '../../core/network';
import type { ImageFile, ImageSet } from '../dataset';
import { BadImageError, imageName } from './bad-image';
import { type Crop, type Rectangle, whole, wholeCrop } from './crop';
import { luma, shrinkStored, type Shrinking } from './decode-region';
import { imageHeader, type ImageHeader, type Size } from './header';
import { storedCrop, turned, uprightSize } from './orientation';
import { packedPixels, readImageFile } from './read';
import { cropArray } from './resample';

/** An image whose size is known and whose pixels are decoded on demand. */
export interface OpenImage {
  /** The size of the upright image. */
  readonly size: Size;
  readonly channels: number;
  /**
   * @param crop by default all of the image
   * @returns `[window.height, window.width, channels]`, 0–255; the caller owns it
   * @throws BadImageError when the image is damaged within the region of the crop
   */
  decode(crop?: Crop): Promise<Uint8Array>;
}

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
  if (packed && part) return inMemory(() => packedPixels({ ...file, part, packed }), packed.shape);
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

/** As `openImage`, for an image given by its index in a data set. */
export async function openImageOf(data: ImageSet, index: number, channels: number): Promise<OpenImage> {
  if (data.kind === 'files') return openImage(data.files[index]!, channels);
  const pixels = await data.pixels(Int32Array.of(index));
  return inMemory(() => pixels, data.shape);
}

/**
 * @param pixels called on each decoding, since the pixels of a packed image are valid only until the next one is read
 */
function inMemory(pixels: () => Uint8Array, shape: ImageShape): OpenImage {
  const [height, width, channels] = shape;
  const size = { height, width };
  return { size, channels, decode: async (crop = wholeCrop(size)) => cropArray(pixels(), shape, crop) };
}

/**
 * The pixels of several crops of an image, in order. The image is decoded once for each size to which crops resize it,
 * not once for each crop.
 * @throws BadImageError as `OpenImage.decode`
 */
export async function decodeCrops(image: OpenImage, crops: readonly Crop[]): Promise<readonly Uint8Array[]> {
  const resized = new Map<string, Promise<Uint8Array>>();
  const all: Uint8Array[] = [];
  for (const { region, height, width, window, flip } of crops) {
    const key = JSON.stringify([region, height, width]);
    const before = resized.get(key) ?? image.decode({ ...wholeCrop({ height, width }), region });
    resized.set(key, before);
    const inside = { ...wholeCrop({ height, width }), window, flip };
    all.push(cropArray(await before, [height, width, image.channels], inside));
  }
  return all;
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
