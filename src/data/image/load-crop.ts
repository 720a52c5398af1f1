import { UserError } from '../../core/errors';
import { cutArray } from './resample';
import { type Cut, whole } from './crop';
import { decodeCut, pictureSize } from './decode';
import { packedPixels } from './read';
import type { Size } from './header';
import type { Place } from '../dataset';

/**
 * All of a picture, upright, packed or not.
 * @returns `[height, width, 3]`, 0–255, and of a grey one that is packed `[height, width, 1]`
 * @throws BadPicture when it cannot be read
 */
export async function wholePicture(place: Place): Promise<Size & { readonly pixels: Uint8Array }> {
  let size: Size = { height: 0, width: 0 };
  const pixels = await cutPlace(place, 3, (found) => {
    size = found;
    const whole = { top: 0, left: 0, ...found };
    return { region: whole, ...found, window: whole, flip: false };
  });
  return { ...size, pixels };
}

/**
 * What a cut takes out of a picture, packed or not.
 * @param channels that the network takes
 * @param cutOf told the size of the upright or the packed picture
 * @returns `[window.height, window.width, channels]`, 0–255; the caller owns it
 * @throws BadPicture as `decodeCut`
 */
export async function cutPlace(
  place: Place,
  channels: number,
  cutOf: (size: Size) => Cut,
): Promise<Uint8Array> {
  const { packed, part } = place;
  if (packed && part) {
    const [height, width] = packed.shape;
    return cutArray(packedPixels({ ...place, part, packed }), packed.shape, cutOf({ height, width }));
  }
  if (channels !== 1 && channels !== 3) {
    throw new UserError(`pictures: expected a network that takes 1 or 3 channels, found ${channels}`);
  }
  return decodeCut(place, channels, cutOf);
}

/**
 * What several cuts take out of a picture, in their order, as `cutPlace` each of them. The picture is decoded once for
 * each size that cuts bring it to, not once for each cut.
 */
export async function cutsPlace(
  place: Place,
  channels: number,
  cutsOf: (size: Size) => readonly Cut[],
): Promise<readonly Uint8Array[]> {
  const cuts = cutsOf(await sizeOf(place));
  const brought = new Map<string, Promise<Uint8Array>>();
  const pixels: Uint8Array[] = [];
  for (const { region, height, width, window, flip } of cuts) {
    const size = { height, width };
    const key = JSON.stringify([region, size]);
    const all = { region, ...size, window: whole(size), flip: false };
    const scaled = brought.get(key) ?? cutPlace(place, channels, () => all);
    brought.set(key, scaled);
    const from = whole(size);
    pixels.push(cutArray(await scaled, [height, width, channels], { region: from, ...size, window, flip }));
  }
  return pixels;
}

async function sizeOf(place: Place): Promise<Size> {
  if (!place.packed) return pictureSize(place);
  const [height, width] = place.packed.shape;
  return { height, width };
}
