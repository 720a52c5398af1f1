/** A hash of what an image looks like: images that differ little have hashes that differ in few bits. */

/** The side of the grey thumbnail that is hashed, in pixels. */
export const thumbnailSide = 64;
/** Frequencies along each axis. */
const frequencies = 16;
/** 32-bit words of a hash of 256 bits. */
export const hashWords = (frequencies * frequencies) / 32;
/** Below this standard deviation (of 0–255) a thumbnail is as good as plain, and its hash says nothing. */
const leastContrast = 4;

/** The hash of an image, and that of its mirror image. */
export interface PerceptualHash {
  readonly hash: Uint32Array;
  readonly mirrored: Uint32Array;
  /** Whether the image is so even that its hash says nothing. */
  readonly plain: boolean;
}

/** `[frequencies, side]`: the rows 1 to 16 of the discrete cosine transform (DCT-II). */
const cosines = transform();

/**
 * The 16×16 lowest frequencies of the thumbnail's cosine transform without the constant ones, a bit each: whether it is
 * above the median of all. That is how PDQ hashes (Facebook, The TMK+PDQF video-hashing algorithm and the PDQ
 * image-hashing algorithm, 2019); only the thumbnail is resized in another way, so that the bits are not PDQ's own.
 * @param grey `[64, 64]`, 0–255
 */
export function perceptualHash(grey: Uint8Array): PerceptualHash {
  const side = thumbnailSide;
  const rows = new Float64Array(frequencies * side); // [vertical frequency, column]
  for (let v = 0; v < frequencies; v++)
    for (let y = 0; y < side; y++) {
      const factor = cosines[v * side + y]!;
      for (let x = 0; x < side; x++) rows[v * side + x]! += factor * grey[y * side + x]!;
    }
  const found = new Float64Array(frequencies * frequencies); // [vertical frequency, horizontal frequency]
  for (let v = 0; v < frequencies; v++)
    for (let h = 0; h < frequencies; h++) {
      let sum = 0;
      for (let x = 0; x < side; x++) sum += cosines[h * side + x]! * rows[v * side + x]!;
      found[v * frequencies + h] = sum;
    }
  // Mirrored, waves of odd horizontal frequency change their sign; the first column is of frequency 1.
  const mirrored = found.map((value, at) => ((at % frequencies) % 2 === 0 ? -value : value));
  return {
    hash: aboveMedian(found),
    mirrored: aboveMedian(mirrored),
    plain: deviation(grey) < leastContrast,
  };
}

function transform(): Float64Array {
  const side = thumbnailSide;
  const { cos, PI } = Math;
  const table = new Float64Array(frequencies * side);
  for (let k = 0; k < frequencies; k++)
    for (let x = 0; x < side; x++) table[k * side + x] = cos(((2 * x + 1) * (k + 1) * PI) / (2 * side));
  return table;
}

function aboveMedian(values: Float64Array): Uint32Array {
  const sorted = values.slice().sort();
  const median = (sorted[sorted.length / 2 - 1]! + sorted[sorted.length / 2]!) / 2;
  const words = new Uint32Array(hashWords);
  for (let at = 0; at < values.length; at++) if (values[at]! > median) words[at >>> 5]! |= 1 << (at & 31);
  return words;
}

function deviation(grey: Uint8Array): number {
  let [sum, squares] = [0, 0];
  for (let at = 0; at < grey.length; at++) {
    sum += grey[at]!;
    squares += grey[at]! * grey[at]!;
  }
  const mean = sum / grey.length;
  return Math.sqrt(Math.max(0, squares / grey.length - mean * mean));
}
