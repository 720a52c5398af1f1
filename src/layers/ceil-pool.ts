/** Pooling whose number of windows is rounded up, as in cuda-convnet and Caffe. */
import { nativeOp } from '../core/tensorflow/native';
import { tf } from '../core/tf';
import { UserError } from '../core/errors';
import type { CurvedLayer, SecondDerivatives } from './second-derivatives';

/** The options of `CeilPool`. */
export interface CeilPoolOptions {
  readonly name?: string;
  readonly kind: 'max' | 'average';
  /** Side of the square window. */
  readonly size: number;
  readonly stride: number;
}

/**
 * Pooling that rounds the number of windows up, so that the last windows may extend beyond the bottom and right edges,
 * as in cuda-convnet and Caffe. Positions outside the map count neither for the maximum nor for the average. `[batch,
 * height, width, maps]` → `[batch, ⌈(height − size) / stride⌉ + 1, ⌈(width − size) / stride⌉ + 1, maps]`.
 */
export class CeilPool extends tf.layers.Layer implements CurvedLayer {
  static readonly className = 'CeilPool';

  constructor(private readonly options: CeilPoolOptions) {
    super(options);
    const { size, stride } = options;
    if (stride > size) {
      throw new RangeError(
        `${this.name}: expected a stride of at most the size, ${size}, found ${stride}: a window could lie outside`,
      );
    }
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    const [batch, height, width, maps] = inputShape;
    const windows = (side: number | null) => (side === null ? null : this.windows(side));
    return [batch!, windows(height!), windows(width!), maps!];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const input = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
    const { kind, size, stride } = this.options;
    const [, height, width] = input.shape;
    const [below, right] = [this.overhang(height), this.overhang(width)];
    const whole = below === 0 && right === 0;
    const beyond: [number, number][] = [0, below, right, 0].map((after) => [0, after]);
    // Padded here: 'same' has wrong gradients on the cpu and wasm backends, but saves a copy on native TensorFlow.
    const padded = (tensor: tf.Tensor4D, value: number) => (whole ? tensor : tf.pad(tensor, beyond, value));
    return tf.tidy(() => {
      if (kind === 'max' && this.isSame(height, width) && nativeOp()) {
        return tf.maxPool(input, size, stride, 'same');
      }
      if (kind === 'max') return tf.maxPool(padded(input, -Infinity), size, stride, 'valid');
      const averages = tf.avgPool(padded(input, 0), size, stride, 'valid');
      if (whole) return averages;
      const inside = tf.avgPool(padded(tf.ones([1, height, width, 1]), 0), size, stride, 'valid');
      return averages.div(inside);
    });
  }

  /**
   * The rule for maxima: the largest value of a window has the weight 1, all others 0.
   * @throws UserError for averages
   */
  secondDerivatives(input: tf.Tensor, above: tf.Tensor): SecondDerivatives {
    if (this.options.kind === 'average')
      throw new UserError(
        `second derivatives: expected maxima in ${this.name}, found averages, without a rule`,
      );
    return { input: tf.grad((x) => this.call(x))(input, above), weights: [] };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { kind, size, stride } = this.options;
    return { ...super.getConfig(), kind, size, stride };
  }

  /**
   * Whether `same` padding gives the same windows: as many, and at most one pixel beyond the edge, which it puts last.
   */
  private isSame(...sides: readonly number[]): boolean {
    const { stride } = this.options;
    return sides.every((side) => this.windows(side) === Math.ceil(side / stride) && this.overhang(side) <= 1);
  }

  private windows(side: number): number {
    const { size, stride } = this.options;
    return Math.max(0, Math.ceil((side - size) / stride)) + 1;
  }

  /** How far the last window extends beyond a side, in pixels. */
  private overhang(side: number): number {
    const { size, stride } = this.options;
    return (this.windows(side) - 1) * stride + size - side;
  }
}
tf.serialization.registerClass(CeilPool);
