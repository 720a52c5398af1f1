/** An image whose size is known and whose pixels are decoded on demand: one in memory, and several crops of any. */
import type { ImageShape } from '../../core/network';
import { type Crop, wholeCrop } from './crop';
import type { Size } from './header';
import { cropArray } from './resample';

/** An open image of a file or in memory. */
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
 * An image whose pixels are at hand.
 * @param pixels called on each decoding, since the pixels of a packed image are valid only until the next one is read
 */
export function imageInMemory(pixels: () => Uint8Array, shape: ImageShape): OpenImage {
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
