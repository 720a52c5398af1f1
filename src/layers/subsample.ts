/** Trainable sub-sampling, as in LeNet-5. */
import { elementCount } from '../core/shape';
import { tf } from '../core/tf';
import { withoutBatch, type Cost, type CountedLayer } from './cost';
import type { FanInLayer } from './initialise/initialise';
import { summedBefore, type CurvedLayer, type SecondDerivatives } from './second-derivatives';

/** The options of `Subsample`. */
export interface SubsampleOptions {
  readonly name?: string;
  /** Side of the square window, which is also the stride. */
  readonly size: number;
}

/**
 * Trainable sub-sampling: the sum (not the average) of each window is multiplied by one coefficient per map, and one
 * bias per map is added. `[batch, height, width, maps]` → `[batch, height/size, width/size, maps]`; rows and columns
 * that do not fill a window are left out.
 * Source: LeCun, Bottou, Bengio, Haffner 1998, §II.B.
 */
export class Subsample extends tf.layers.Layer implements CountedLayer, CurvedLayer, FanInLayer {
  static readonly className = 'Subsample';
  private readonly size: number;
  private coefficient!: tf.LayerVariable;
  private bias!: tf.LayerVariable;

  constructor(options: SubsampleOptions) {
    super(options);
    this.size = options.size;
  }

  override build(inputShape: tf.Shape): void {
    const maps = inputShape.at(-1)!;
    this.coefficient = this.addWeight('coefficient', [maps], 'float32', tf.initializers.zeros());
    this.bias = this.addWeight('bias', [maps], 'float32', tf.initializers.zeros());
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    const [batch, height, width, maps] = inputShape;
    const windows = (side: number | null) => (side === null ? null : Math.floor(side / this.size));
    return [batch!, windows(height!), windows(width!), maps!];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const input = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
    return tf.tidy(() => {
      // A window's sum is its mean times its size; the two small tensors, size and coefficients, are multiplied first.
      const means = tf.avgPool(input, this.size, this.size, 'valid');
      return means.mul(this.coefficient.read().mul(this.size ** 2)).add(this.bias.read());
    });
  }

  /** The sum of each window counts as one state with one connection, as in the paper's description of the layer. */
  secondDerivatives(input: tf.Tensor, above: tf.Tensor): SecondDerivatives {
    const perSum = above.mul(this.coefficient.read().square());
    return {
      input: tf.grad((x) => this.sums(x as tf.Tensor4D))(input, perSum),
      weights: [
        summedBefore(
          this.sums(input as tf.Tensor4D)
            .square()
            .mul(above),
          1,
        ),
        summedBefore(above, 1),
      ],
    };
  }

  /** The number of pixels of one window. */
  fanIn(): number {
    return this.size ** 2;
  }

  /** One multiplication per unit; one connection from each pixel of its window and one from the bias. */
  cost(): Cost {
    const units = elementCount(withoutBatch(this.outputShape));
    return { multiplyAdds: units, connections: units * (this.size ** 2 + 1) };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), size: this.size };
  }

  private sums(input: tf.Tensor4D): tf.Tensor4D {
    return tf.avgPool(input, this.size, this.size, 'valid').mul(this.size ** 2);
  }
}
tf.serialization.registerClass(Subsample);
