/** Adaptive average pooling: a map of any size becomes a grid of fixed size. */
import { tf } from '../core/tf';

/** The options of `AdaptiveAveragePool`. */
export interface AdaptiveAveragePoolOptions {
  readonly name?: string;
  /** Side of the square output, whatever the size of the input. */
  readonly size: number;
}

/**
 * Averages over a grid of `size`×`size` windows that cover the map as evenly as whole pixels allow: window i along an
 * axis extends from ⌊i·side/size⌋ to ⌈(i + 1)·side/size⌉, and neighbours may overlap. Same as PyTorch's adaptive
 * pooling. `[batch, height, width, maps]` → `[batch, size, size, maps]`.
 */
export class AdaptiveAveragePool extends tf.layers.Layer {
  static readonly className = 'AdaptiveAveragePool';

  constructor(private readonly options: AdaptiveAveragePoolOptions) {
    super(options);
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    const { size } = this.options;
    return [inputShape[0]!, size, size, inputShape[3]!];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const input = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
    // Windows are products of intervals, so averaging over one axis and then over the other gives the same result.
    return tf.tidy(() => this.averages(this.averages(input, 1), 2));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), size: this.options.size };
  }

  private averages(input: tf.Tensor4D, axis: 1 | 2): tf.Tensor4D {
    const { size } = this.options;
    const side = input.shape[axis];
    const windows = Array.from({ length: size }, (_, window) => {
      const start = Math.floor((window * side) / size);
      const end = Math.ceil(((window + 1) * side) / size);
      const [begin, extent] = [[0, 0, 0, 0], [...input.shape]];
      begin[axis] = start;
      extent[axis] = end - start;
      return input.slice(begin, extent).mean<tf.Tensor4D>(axis, true);
    });
    return tf.concat(windows, axis);
  }
}
tf.serialization.registerClass(AdaptiveAveragePool);
