/** Local response normalisation, as in AlexNet §3.3. */
import { tf } from '../core/tf';

export interface LrnOptions {
  readonly name?: string;
  /** n: how many neighbouring maps at the same position are summed over, an odd number. */
  readonly size: number;
  readonly k: number;
  /** As in AlexNet's paper: not divided by n. Caffe's and PyTorch's α is n times this one. */
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
