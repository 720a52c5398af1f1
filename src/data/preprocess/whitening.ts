/** ZCA whitening: its matrix from a training set, and its product with batches of images. */
import { elementCount } from '../../core/shape';
import { UserError } from '../../core/errors';
import type { Preprocess } from '../../core/network';
import { tf } from '../../core/tf';
import { type Dataset, imageChunks } from '../dataset';
import { meanImage } from './mean-image';
import { preprocessor, type FittedPreprocess, type Whitening } from './preprocess';
import { nativeOps } from '../../core/tensorflow/native';

/** The most values of an image: the matrix then takes 256 MB, and its square root some minutes. */
const mostValues = 8192;

/**
 * Computes the ZCA whitening of a data set's images after `steps` of preprocessing: their mean m and the matrix (C +
 * `bias`·1)^−½, where C is their covariance, with sums divided by the number of images (pylearn2's `ZCA`, whose
 * `filter_bias` is 0.1; Goodfellow et al. 2013). Reads all images twice and computes on the backend, in single
 * precision.
 * @param fitted what `steps` need from the training set
 * @throws UserError when images have too many values for such a matrix
 */
export async function fitWhitening(
  data: Dataset,
  steps: readonly Preprocess[],
  { bias }: Extract<Preprocess, { readonly kind: 'whiten' }>,
  fitted: FittedPreprocess = {},
): Promise<Whitening> {
  const { shape, apply } = preprocessor(data.shape, steps, fitted);
  const size = elementCount(shape);
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
  const raised = tf.tidy(() => {
    const covariance = tf.div(products, data.labels.length);
    return tf.add<tf.Tensor2D>(covariance, tf.eye(size).mul(bias));
  });
  const root = await inverseSquareRoot(raised, bias);
  const matrix = (await root.data<'float32'>()).slice();
  tf.dispose([products, raised, root]);
  return { mean, matrix };
}

/** Whitens batches on the backend. */
export interface Whitener {
  /**
   * Computes (x − m)·P for each image.
   * @param values `[images, …]`, after all other preprocessing; changed in place
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

/** Subtracts the mean in place. */
function lessMean(values: Float32Array, mean: Float32Array): Float32Array {
  for (let start = 0; start < values.length; start += mean.length) {
    for (let at = 0; at < mean.length; at++) values[start + at]! -= mean[at]!;
  }
  return values;
}

/**
 * A^−½ of a symmetric matrix A `[n, n]`; the result is symmetric too. With native TensorFlow it is computed from the
 * eigenvectors: this is a third of the work, and has single precision even on GPUs, whose matrix products round to ten
 * bits. Other backends use only matrix products. On CIFAR's images, 3,072 values each, entries are within 1e-4 of the
 * largest one.
 * @param least a lower bound of the eigenvalues, above 0
 * @returns a tensor that the caller disposes of
 */
export async function inverseSquareRoot(matrix: tf.Tensor2D, least: number): Promise<tf.Tensor2D> {
  const native = nativeOps();
  if (!native) return byProducts(matrix, least);
  return tf.tidy(() => {
    const attributes = {
      compute_v: { type: 'bool', value: true },
      T: { type: 'type', value: 'float32' },
    } as const;
    const [values, vectors] = native('SelfAdjointEigV2', attributes, [matrix], 2);
    const scaled = tf.mul(vectors!, tf.rsqrt(tf.maximum(values!, least)));
    return tf.matMul<tf.Tensor2D>(scaled, vectors!, false, true);
  });
}

/** How close to 1 the smallest eigenvalue has to come: about the resolution of single precision. */
const tolerance = 1e-6;

/**
 * The coupled Newton–Schulz iteration: it begins with Y = A / c and Z = 1, where all eigenvalues of Y lie in
 * (0, 1], and repeats T = ½(3 − ZY), Y ← YT, Z ← TZ, so that Z converges to (A / c)^−½. The square roots of ZY's
 * eigenvalues lie in [l, 1] at first, with a known l. Y and Z are scaled by the factor a of Chen and Chow (2014, A
 * stable scaling of Newton–Schulz for improving the sign function computation), which leads these to 1 in the fewest
 * iterations: nine for images like CIFAR's.
 */
async function byProducts(matrix: tf.Tensor2D, least: number): Promise<tf.Tensor2D> {
  const largestSum = tf.tidy(() => tf.max(tf.sum(tf.abs(matrix), 1)));
  const bound = (await largestSum.data())[0]!;
  largestSum.dispose();
  let y = tf.div<tf.Tensor2D>(matrix, bound);
  let z: tf.Tensor2D | undefined;
  let lowest = Math.sqrt(Math.min(1, least / bound));
  do {
    const scale = Math.sqrt(3 / (1 + lowest + lowest ** 2));
    const next = tf.tidy(() => {
      const product = z ? tf.matMul(z, y) : y;
      const unit = tf.eye(matrix.shape[0]).mul(1.5 * scale);
      const turn = tf.sub<tf.Tensor2D>(unit, product.mul(0.5 * scale ** 3));
      return { y: tf.matMul<tf.Tensor2D>(y, turn), z: z ? tf.matMul<tf.Tensor2D>(turn, z) : turn };
    });
    tf.dispose([y, ...(z ? [z] : [])]);
    ({ y, z } = next);
    lowest = (scale * lowest * (3 - (scale * lowest) ** 2)) / 2;
  } while (1 - lowest > tolerance);
  const root = tf.tidy(() => tf.add<tf.Tensor2D>(z, tf.transpose(z)).mul(0.5 / Math.sqrt(bound)));
  tf.dispose([y, z]);
  return root as tf.Tensor2D;
}
