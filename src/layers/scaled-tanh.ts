import { tf } from '../tf';

/**
 * f(a) = A·tanh(S·a), element by element, with A = 1.7159 and S = 2/3, so that f(±1) = ±1.
 * Source: LeCun, Bottou, Bengio, Haffner 1998, Appendix A.
 */
export class ScaledTanh extends tf.layers.Layer {
  static readonly className = 'ScaledTanh';

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const input = Array.isArray(inputs) ? inputs[0]! : inputs;
    return tf.tidy(() =>
      input
        .mul(2 / 3)
        .tanh()
        .mul(1.7159),
    );
  }
}
tf.serialization.registerClass(ScaledTanh);
