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

/**
 * Converts colours to grey by ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B, rounded, in the fixed point of Pillow's
 * `convert('L')`.
 * @param pixels `[pixels, 3]`
 * @returns `[pixels, 1]`
 */
export function luma(pixels: Uint8Array): Uint8Array {
  const grey = new Uint8Array(pixels.length / 3);
  for (let at = 0, source = 0; at < grey.length; at++, source += 3) {
    const [red, green, blue] = [pixels[source]!, pixels[source + 1]!, pixels[source + 2]!];
    grey[at] = (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
  }
  return grey;
}
