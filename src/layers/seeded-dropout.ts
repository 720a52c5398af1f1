/** Dropout whose masks are determined by a seed and the number of the update. */
import { nativeOp, randomAttributes } from '../core/tensorflow/native';
import { deriveSeed } from '../core/random';
import { statelessUniform } from './initialise/stateless-random';
import { tf } from '../core/tf';

/** The options of `SeededDropout`. */
export interface SeededDropoutOptions {
  readonly name?: string;
  /** The fraction of values that are set to 0 in training. */
  readonly rate: number;
}

/**
 * Dropout whose mask is determined by a seed and the number of the update, so that resumed training uses the same
 * masks, and every backend too. In training, values are kept with probability 1 − rate and divided by it; otherwise the layer does nothing.
 * Keeps the shape.
 * Source of the idea: Krizhevsky, Sutskever, Hinton 2012, §4.2, who multiply by the probability at test time instead.
 */
export class SeededDropout extends tf.layers.Layer {
  static readonly className = 'SeededDropout';
  private seed = 0;
  private step: number | tf.Scalar = 0;
  private first: number | tf.Scalar = 0;

  constructor(private readonly options: SeededDropoutOptions) {
    super(options);
  }

  /**
   * Determines the next mask; a number given as a tensor can be changed for each run of a recorded graph.
   * @param first the place in the update of the batch's first image, where several batches make an update: a mask belongs
   *   to a place
   */
  prepare(seed: number, step: number | tf.Scalar, first: number | tf.Scalar = 0): void {
    this.seed = seed;
    this.step = step;
    this.first = first;
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training }: { training?: boolean } = {}): tf.Tensor {
    const input = Array.isArray(inputs) ? inputs[0]! : inputs;
    const { rate } = this.options;
    if (!training || rate === 0) return input.clone();
    return tf.tidy(() => {
      const kept = this.uniform(input.shape).greaterEqual(rate);
      return input.mul(kept.toFloat().mul(1 / (1 - rate)));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.options.rate };
  }

  /** Uniform numbers in [0, 1), the same on every backend: native TensorFlow draws its own, JavaScript the others'. */
  private uniform(shape: number[]): tf.Tensor {
    const { first } = this;
    const native = nativeOp();
    if (native) {
      const key = tf.stack([tf.scalar(this.seed, 'int32'), scalarOf(this.step)]);
      const draw = (sides: tf.Tensor) => native('StatelessRandomUniform', randomAttributes, [sides, key]);
      const sides = tf.tensor1d(shape, 'int32');
      if (first === 0) return draw(sides);
      // The numbers of a longer array begin with those of a shorter one.
      const images = shape.map((_, axis) => Number(axis === 0));
      const begin = tf.tensor1d(images, 'int32').mul(scalarOf(first));
      return native('Slice', sliceAttributes, [draw(sides.add(begin)), begin, sides]);
    }
    if (typeof this.step !== 'number' || typeof first !== 'number')
      throw new RangeError(`${this.name}: expected the number of the update on this backend, found a tensor`);
    const size = tf.util.sizeFromShape(shape);
    const before = first * (size / shape[0]!);
    const drawn = statelessUniform(before + size, [this.seed, this.step]);
    return tf.tensor(drawn.subarray(before), shape);
  }
}
tf.serialization.registerClass(SeededDropout);

const sliceAttributes = {
  T: { type: 'type', value: 'float32' },
  Index: { type: 'type', value: 'int32' },
} as const;

function scalarOf(value: number | tf.Scalar): tf.Scalar {
  return typeof value === 'number' ? tf.scalar(value, 'int32') : value;
}

/** Determines the masks of all dropout layers of a model for one update, with a separate seed for each layer. */
export function prepareDropout(
  model: tf.LayersModel,
  seed: number,
  step: number | tf.Scalar,
  first: number | tf.Scalar = 0,
): void {
  for (const layer of model.layers) {
    if (layer instanceof SeededDropout) layer.prepare(deriveSeed(seed, 'dropout', layer.name), step, first);
  }
}
