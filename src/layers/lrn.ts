/** Local response normalisation, as in AlexNet §3.3. */
import { tf } from '../core/tf';

/** The options of `Lrn`. */
export interface LrnOptions {
  readonly name?: string;
  /** n: the number of neighbouring maps, an odd number, that the sum includes at the same position. */
  readonly size: number;
  readonly k: number;
  /** α as in AlexNet's paper: not divided by n. The α of Caffe and PyTorch is n times this one. */
  readonly alpha: number;
  readonly beta: number;
}

/**
 * Local response normalisation across maps: b_i = a_i / (k + α Σ_j a_j²)^β, j over the n maps around i.
 * Keeps the shape `[batch, height, width, maps]`.
 * Source: Krizhevsky, Sutskever, Hinton 2012, §3.3.
 */
export class Lrn extends tf.layers.Layer {
  static readonly className = 'Lrn';

  constructor(private readonly options: LrnOptions) {
    super(options);
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const input = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
    const { size, k, alpha, beta } = this.options;
    return tf.localResponseNormalization(input, (size - 1) / 2, k, alpha, beta);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { size, k, alpha, beta } = this.options;
    return { ...super.getConfig(), size, k, alpha, beta };
  }
}
tf.serialization.registerClass(Lrn);
