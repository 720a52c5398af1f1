/**
 * Pixel values, with the channels of each pixel together: whole numbers 0–255 as stored, or real numbers on the same
 * scale, which a change of colours may move outside 0–255.
 */
export type Pixels = Uint8Array | Float32Array;

/** An array of zeros of the same type and length. */
export function blank<P extends Pixels>(like: P): P;
export function blank(like: Pixels): Pixels {
  return like instanceof Uint8Array ? new Uint8Array(like.length) : new Float32Array(like.length);
}
