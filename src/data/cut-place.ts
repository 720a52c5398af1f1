import { UserError } from '../errors';
import { cutArray } from './cut-array';
import type { Cut } from './cut';
import { decodeCut } from './decode-picture';
import { packedPixels } from './packed-pixels';
import type { Size } from './picture-header';
import type { Place } from './pictures';

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
    const [height, width] = packed;
    return cutArray(packedPixels({ ...place, part }), packed, cutOf({ height, width }));
  }
  if (channels !== 1 && channels !== 3) {
    throw new UserError(`pictures: expected a network that takes 1 or 3 channels, found ${channels}`);
  }
  return decodeCut(place, channels, cutOf);
}
