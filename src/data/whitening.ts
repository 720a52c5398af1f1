import { UserError } from '../errors';
import type { Preprocess } from '../network';
import { tf } from '../tf';
import type { Dataset } from './dataset';
import { imageChunks } from './image-chunks';
import { inverseSquareRoot } from './inverse-square-root';
import { meanImage } from './mean-image';
import { preprocessor, type FittedPreprocess, type Whitening } from './preprocess';

/** Of an image: the matrix then takes 256 MB, and its root some minutes. */
const mostValues = 8192;

/**
 * ZCA whitening of a data set's images after `steps` of preprocessing: their mean m, and (C + `bias`·1)^−½ with their
 * covariance C, sums divided by the number of images (pylearn2's `ZCA`, whose `filter_bias` is 0.1; Goodfellow et al.
 * 2013). Reads all images twice and computes on the backend, in single precision.
 * @param fitted what `steps` take from the training set
 * @throws UserError when images have too many values for such a matrix
 */
export async function fitWhitening(
  data: Dataset,
  steps: readonly Preprocess[],
  { bias }: Extract<Preprocess, { readonly kind: 'whiten' }>,
  fitted: FittedPreprocess = {},
): Promise<Whitening> {
  const { shape, apply } = preprocessor(data.shape, steps, fitted);
  const size = shape[0] * shape[1] * shape[2];
  if (size > mostValues) {
    throw new UserError(
      `preprocess: expected images of at most ${mostValues} values to whiten, found ${size} (${shape.join('x')})`,
    );
  }
  const mean = await meanImage(data, steps, fitted);
  let products = tf.zeros<tf.Rank.R2>([size, size]);
  for await (const { pixels, images } of imageChunks(data)) {
    const centred = lessMean(apply(pixels, images), mean);
    const sum = tf.tidy(() => {
      const rows = tf.tensor2d(centred, [images, size]);
      return tf.add<tf.Tensor2D>(products, tf.matMul(rows, rows, true));
    });
    products.dispose();
    products = sum;
  }
  const root = tf.tidy(() => {
    const covariance = tf.div(products, data.labels.length);
    return inverseSquareRoot(tf.add<tf.Tensor2D>(covariance, tf.eye(size).mul(bias)), bias);
  });
  const matrix = (await root.data<'float32'>()).slice();
  tf.dispose([products, root]);
  return { mean, matrix };
}

/** Whitens batches on the backend. */
export interface Whitener {
  /**
   * (x − m)·P for each image.
   * @param values `[images, …]`, after all other preprocessing; they are changed
   * @returns as many values, a new array
   */
  apply(values: Float32Array, images: number): Promise<Float32Array>;
  /** Frees the matrix. */
  dispose(): void;
}

/** The caller disposes of it. */
export function whitener({ mean, matrix }: Whitening): Whitener {
  const size = mean.length;
  const kept = tf.tensor2d(matrix, [size, size]);
  return {
    apply: async (values, images) => {
      if (values.length !== images * size) {
        throw new UserError(
          `preprocess: expected images of ${size} values to whiten, as in training, found ${values.length / images}`,
        );
      }
      const whitened = tf.tidy(() => tf.matMul(tf.tensor2d(lessMean(values, mean), [images, size]), kept));
      const copy = (await whitened.data<'float32'>()).slice();
      whitened.dispose();
      return copy;
    },
    dispose: () => kept.dispose(),
  };
}

/** In place. */
function lessMean(values: Float32Array, mean: Float32Array): Float32Array {
  for (let start = 0; start < values.length; start += mean.length) {
    for (let at = 0; at < mean.length; at++) values[start + at]! -= mean[at]!;
  }
  return values;
}
