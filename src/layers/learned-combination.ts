/** Convolution whose maps are learned combinations of all input maps (Bouvrie 2006). */
import { tf } from '../core/tf';
import { withoutBatch, type Cost, type CountedLayer } from './cost';
import type { FanInLayer } from './initialise/initialise';
import { bilinearRule, summedBefore, type CurvedLayer, type SecondDerivatives } from './second-derivatives';

/** The options of `LearnedCombination`. */
export interface LearnedCombinationOptions {
  readonly name?: string;
  /** Number of output maps. */
  readonly maps: number;
  /** Side of the square kernel. */
  readonly kernelSize: number;
}

/**
 * Learned combinations of feature maps: Σ_i α_ij (x_i ∗ k_i) + b_j, `valid`, with stride 1. Each input map i has one
 * kernel for all output maps; the shares α_ij, which sum to 1 over i, are its weights in output map j.
 * They are the softmax over i of free weights c_ij.
 * `[batch, height, width, maps]` → `[batch, height − k + 1, width − k + 1, outputs]`; kernel `[k, k, maps]`,
 * combination c `[outputs, maps]`, bias `[outputs]`.
 *
 * The source adds λ Σ |α_ij| to the loss, so that each output map reads only a few inputs. But the shares are never
 * negative and sum to 1, so this sum is the number of output maps, whatever the weights: its derivative with respect to
 * c is 0, and the term has no effect. It is therefore left out.
 * Source: J. Bouvrie, Notes on Convolutional Neural Networks, 2006, §3.3.
 */
export class LearnedCombination extends tf.layers.Layer implements CountedLayer, CurvedLayer, FanInLayer {
  static readonly className = 'LearnedCombination';
  private kernel!: tf.LayerVariable;
  private combination!: tf.LayerVariable;
  private bias!: tf.LayerVariable;

  constructor(private readonly options: LearnedCombinationOptions) {
    super(options);
  }

  override build(inputShape: tf.Shape): void {
    const { maps: outputs, kernelSize: size } = this.options;
    const maps = inputShape.at(-1)!;
    this.kernel = this.addWeight('kernel', [size, size, maps], 'float32', tf.initializers.zeros());
    this.combination = this.addWeight('combination', [outputs, maps], 'float32', tf.initializers.zeros());
    this.bias = this.addWeight('bias', [outputs], 'float32', tf.initializers.zeros());
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    const { maps, kernelSize } = this.options;
    const [batch, height, width] = inputShape;
    const positions = (side: number | null) => (side === null ? null : side - kernelSize + 1);
    return [batch!, positions(height!), positions(width!), maps];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const input = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
    return tf.tidy(() => {
      // Convolution is linear: the combination of the convolved maps equals one convolution with combined kernels.
      const shares = tf.softmax(this.combination.read()).transpose(); // α, [maps, outputs]
      const dense = this.kernel.read().expandDims(3).mul(shares); // [k, k, maps, outputs]
      return tf.conv2d(input, dense as tf.Tensor4D, 1, 'valid').add(this.bias.read());
    });
  }

  /**
   * With z_i = x_i ∗ k_i and y_j = Σ_i α_ij z_i, ∂y_j/∂c_ij = α_ij (z_i − y_j). Connections with the weights α_ij k_i
   * share k_i, so the squares of their derivatives are multiplied by α_ij².
   */
  secondDerivatives(input: tf.Tensor, above: tf.Tensor): SecondDerivatives {
    const image = input as tf.Tensor4D;
    const kernel = this.kernel.read();
    const shares = tf.softmax(this.combination.read()); // [outputs, maps]
    const dense = kernel.expandDims<tf.Tensor4D>(3).mul<tf.Tensor4D>(shares.transpose());
    const found = bilinearRule((x, w) => tf.conv2d(x, w, 1, 'valid'), image, dense, above);
    const maps = tf.depthwiseConv2d(image, kernel.expandDims<tf.Tensor4D>(3), 1, 'valid'); // z
    const distances = maps.expandDims(3).sub(tf.conv2d(image, dense, 1, 'valid').expandDims(4)); // z_i − y_j
    return {
      input: found.input,
      weights: [
        found.kernel.mul(shares.transpose().square()).sum(3),
        summedBefore(distances.square().mul(above.expandDims(4)), 2).mul(shares.square()),
        summedBefore(above, 1),
      ],
    };
  }

  /**
   * The number of pixels under one map's kernel; 1 for c, which multiplies no input. c must start with different
   * values: otherwise all output maps start as the same combination, and remain so.
   */
  fanIn(_weight: 'kernel' | 'bias', name: string): number {
    return name === 'combination' ? 1 : this.options.kernelSize ** 2;
  }

  /** Counted as in the formula: each input map is convolved once, and each output map weights all the results. */
  cost(): Cost {
    const [height, width, outputs] = withoutBatch(this.outputShape) as [number, number, number];
    const maps = this.kernel.shape.at(-1)!;
    const multiplyAdds = height * width * maps * (this.options.kernelSize ** 2 + outputs);
    return { multiplyAdds, connections: multiplyAdds + height * width * outputs };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { maps, kernelSize } = this.options;
    return { ...super.getConfig(), maps, kernelSize };
  }
}
tf.serialization.registerClass(LearnedCombination);
