import { UserError } from '../../core/errors';
import { cropArray } from './resample';
import { type Crop, whole } from './crop';
import { decodeCrop, imageSize } from './decode';
import { packedPixels } from './read';
import type { Size } from './header';
import type { ImageFile } from '../dataset';

/**
 * All of an image, upright, packed or not.
 * @returns `[height, width, 3]`, 0–255, and of a grey one that is packed `[height, width, 1]`
 * @throws BadImageError when it cannot be read
 */
export async function wholeImage(imageFile: ImageFile): Promise<Size & { readonly pixels: Uint8Array }> {
  let size: Size = { height: 0, width: 0 };
  const pixels = await cropImage(imageFile, 3, (found) => {
    size = found;
    const whole = { top: 0, left: 0, ...found };
    return { region: whole, ...found, window: whole, flip: false };
  });
  return { ...size, pixels };
}

/**
 * What a crop takes out of an image, packed or not.
 * @param channels that the network takes
 * @param cropOf told the size of the upright or the packed image
 * @returns `[window.height, window.width, channels]`, 0–255; the caller owns it
 * @throws BadImageError as `decodeCrop`
 */
export async function cropImage(
  imageFile: ImageFile,
  channels: number,
  cropOf: (size: Size) => Crop,
): Promise<Uint8Array> {
  const { packed, part } = imageFile;
  if (packed && part) {
    const [height, width] = packed.shape;
    return cropArray(packedPixels({ ...imageFile, part, packed }), packed.shape, cropOf({ height, width }));
  }
  if (channels !== 1 && channels !== 3) {
    throw new UserError(`images: expected a network that takes 1 or 3 channels, found ${channels}`);
  }
  return decodeCrop(imageFile, channels, cropOf);
}

/**
 * What several crops take out of an image, in their order, as `cropImage` each of them. The image is decoded once for
 * each size that crops bring it to, not once for each crop.
 */
export async function cropsOfImage(
  imageFile: ImageFile,
  channels: number,
  cropsOf: (size: Size) => readonly Crop[],
): Promise<readonly Uint8Array[]> {
  const crops = cropsOf(await sizeOf(imageFile));
  const brought = new Map<string, Promise<Uint8Array>>();
  const pixels: Uint8Array[] = [];
  for (const { region, height, width, window, flip } of crops) {
    const size = { height, width };
    const key = JSON.stringify([region, size]);
    const all = { region, ...size, window: whole(size), flip: false };
    const scaled = brought.get(key) ?? cropImage(imageFile, channels, () => all);
    brought.set(key, scaled);
    const from = whole(size);
    pixels.push(cropArray(await scaled, [height, width, channels], { region: from, ...size, window, flip }));
  }
  return pixels;
}

async function sizeOf(imageFile: ImageFile): Promise<Size> {
  if (!imageFile.packed) return imageSize(imageFile);
  const [height, width] = imageFile.packed.shape;
  return { height, width };
}
