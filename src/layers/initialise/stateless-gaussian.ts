/** Gaussian numbers determined by a seed, drawn by native TensorFlow or, for other backends, in JavaScript. */
import { statelessNormal, statelessTruncatedNormal } from './stateless-random';
import { randomAttributes, type NativeOp } from '../../core/tensorflow/native';
import { tf } from '../../core/tf';

/** The number of values drawn at once: 16 MB, so that they are still in the processor's cache when they are scaled. */
const blockSize = 2 ** 22;

const float = { type: 'type', value: 'float32' } as const;

/**
 * Gaussian numbers with mean 0, drawn and scaled by TensorFlow; with `truncated`, values beyond two deviations are
 * drawn again. They depend on the seed and on their number, but not on the shape. A large tensor is filled in place,
 * block by block, so that it never exists twice in memory.
 */
export function nativeGaussian(
  run: NativeOp,
  { shape, deviation, truncated, seed }: GaussianOptions,
): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  const blocks = blocksOf(size);
  const draw = (block: number) => {
    const key = tf.tensor1d([seed, block], 'int32');
    const length = tf.tensor1d([1, size / blocks], 'int32');
    const name = truncated ? 'StatelessTruncatedNormal' : 'StatelessRandomNormal';
    return run(name, randomAttributes, [length, key]).mul(deviation);
  };
  return tf.tidy(() => {
    if (blocks === 1) return draw(0).reshape(shape);
    const extent = tf.tensor1d([blocks, size / blocks], 'int32');
    const values = run('Empty', { dtype: float, init: { type: 'bool', value: false } }, [extent]);
    for (let block = 0; block < blocks; block++) {
      tf.tidy(
        () => void run('InplaceUpdate', { T: float }, [values, tf.tensor1d([block], 'int32'), draw(block)]),
      );
    }
    return values.reshape(shape);
  });
}

/** The same numbers, drawn in JavaScript, but for the last bits of some. */
export function statelessGaussian({ shape, deviation, truncated, seed }: GaussianOptions): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  const blocks = blocksOf(size);
  const draw = truncated ? statelessTruncatedNormal : statelessNormal;
  const factor = Math.fround(deviation);
  const values = new Float32Array(size);
  for (let block = 0; block < blocks; block++) {
    const drawn = draw(size / blocks, [seed, block]);
    const start = (block * size) / blocks;
    drawn.forEach((value, at) => (values[start + at] = value * factor));
  }
  return tf.tensor(values, shape);
}

/** Which numbers are drawn. */
export interface GaussianOptions {
  readonly shape: number[];
  readonly deviation: number;
  readonly truncated: boolean;
  /** A whole number in [0, 2^31). */
  readonly seed: number;
}

/** The smallest number of equal blocks none of which is too large. */
function blocksOf(size: number): number {
  let blocks = Math.ceil(size / blockSize);
  while (size % blocks) blocks++;
  return blocks;
}
