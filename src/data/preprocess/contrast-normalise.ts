/** With a smaller divisor, an image has one value everywhere except for rounding errors, and is not divided. */
export const leastDivisor = 1e-8;

/**
 * Global contrast normalisation, in place: the mean of all values of an image, over all channels together, is
 * subtracted, and the result is scaled to the Euclidean norm `scale`. An image with the same value everywhere becomes
 * 0.
 *
 * Goodfellow et al. 2013 (Maxout networks), whose code is pylearn2's `global_contrast_normalize`, with the scale 55 in
 * `make_cifar10_gcn_whitened.py`; Network in Network §4.2 uses the same.
 * @param values `[images, …]`
 */
export function contrastNormalise(values: Float32Array, images: number, scale: number): void {
  const size = values.length / images;
  for (let image = 0; image < images; image++) {
    const own = values.subarray(image * size, (image + 1) * size);
    let sum = 0;
    for (let at = 0; at < size; at++) sum += own[at]!;
    const mean = sum / size;
    let squares = 0;
    for (let at = 0; at < size; at++) {
      const centred = own[at]! - mean;
      squares += centred * centred;
    }
    const divisor = squares ** 0.5 / scale;
    const factor = divisor < leastDivisor ? 1 : 1 / divisor;
    for (let at = 0; at < size; at++) own[at] = (own[at]! - mean) * factor;
  }
}
