/** Below this, an image has one value everywhere, and what is left of it is rounding: it is not divided. */
const leastDivisor = 1e-8;

/**
 * Global contrast normalisation, in place: each image loses the mean of all its values, over all channels together,
 * and is brought to the Euclidean norm `scale`. An image of one value becomes 0.
 *
 * Goodfellow et al. 2013 (Maxout networks), whose code is pylearn2's `global_contrast_normalize`, with the scale 55 in
 * `make_cifar10_gcn_whitened.py`; Network in Network §4.2 takes it over.
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
