/**
 * Grey of colours by ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B, rounded, in the fixed point of Pillow's `convert('L')`.
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

/**
 * Colours of inks without a profile, as Pillow and most readers do it: (255 − ink)(255 − black) / 255.
 * @param inks `[pixels, 4]`: cyan, magenta, yellow, black, 255 being full
 * @returns `[pixels, 3]`
 */
export function cmykToRgb(inks: Uint8Array): Uint8Array {
  const { round } = Math;
  const colours = new Uint8Array((inks.length / 4) * 3);
  for (let source = 0, target = 0; source < inks.length; source += 4) {
    const light = 255 - inks[source + 3]!;
    for (let ink = 0; ink < 3; ink++) colours[target++] = light - round((inks[source + ink]! * light) / 255);
  }
  return colours;
}
