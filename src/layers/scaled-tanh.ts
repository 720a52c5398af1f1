/** The scaled hyperbolic tangent of LeCun's networks. */
import { tf } from '../core/tf';
import type { CurvedLayer, SecondDerivatives } from './second-derivatives';

export const amplitude = 1.7159;
export const slope = 2 / 3;

/**
 * f(a) = A·tanh(S·a), element by element, with A = 1.7159 and S = 2/3, so that f(±1) = ±1.
 * Source: LeCun, Bottou, Bengio, Haffner 1998, Appendix A.
 */
export class ScaledTanh extends tf.layers.Layer implements CurvedLayer {
  static readonly className = 'ScaledTanh';

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const input = Array.isArray(inputs) ? inputs[0]! : inputs;
    return tf.tidy(() => input.mul(slope).tanh().mul(amplitude));
  }

  /** f′(a) = A·S·(1 − tanh²(S·a)). */
  secondDerivatives(input: tf.Tensor, above: tf.Tensor): SecondDerivatives {
    const derivative = tf.sub(1, input.mul(slope).tanh().square()).mul<tf.Tensor>(amplitude * slope);
    return { input: derivative.square().mul(above), weights: [] };
  }
}
tf.serialization.registerClass(ScaledTanh);
