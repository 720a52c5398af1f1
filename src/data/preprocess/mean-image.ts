/** The mean image of a data set, and the mean of each channel. */
import { elementCount } from '../../core/shape';
import type { Preprocess } from '../../core/network';
import { type Dataset, imageChunks } from '../dataset';
import { preprocessor, type FittedPreprocess } from './preprocess';

/**
 * The mean of all images of a data set, value by value, after `steps` of preprocessing.
 *
 * AlexNet §2 subtracts the mean image of the training set. For image files it is the mean of their middle crops, as in
 * the authors' cuda-convnet2 (`ImageDataProvider`), which subtracts it from crops at any position.
 * @param fitted what `steps` need from the training set
 * @returns `[height, width, channels]` as the steps leave the images
 */
export async function meanImage(
  data: Dataset,
  steps: readonly Preprocess[],
  fitted: FittedPreprocess = {},
): Promise<Float32Array> {
  const { shape, apply } = preprocessor(data.shape, steps, fitted);
  const sums = new Float64Array(elementCount(shape));
  for await (const { pixels, images } of imageChunks(data)) {
    const values = apply(pixels, images);
    for (let start = 0; start < values.length; start += sums.length) {
      for (let at = 0; at < sums.length; at++) sums[at]! += values[start + at]!;
    }
  }
  return Float32Array.from(sums, (sum) => sum / data.labels.length);
}

/** The mean of each channel of a mean image. */
export function channelMeans(mean: Float32Array, channels: number): readonly number[] {
  const sums = new Array<number>(channels).fill(0);
  mean.forEach((value, at) => (sums[at % channels]! += value));
  return sums.map((sum) => sum / (mean.length / channels));
}
