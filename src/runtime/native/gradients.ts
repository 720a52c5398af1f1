/** Gradients that native TensorFlow computes as one operation. */
import { nativeOp, type Attribute } from '../../core/tensorflow/native';
import { tf } from '../../core/tf';

const float: Readonly<Record<string, Attribute>> = { T: { type: 'type', value: 'float32' } };

/**
 * Registers gradients that native TensorFlow computes as one operation, where tfjs composes them from several.
 * tfjs's registry applies them to every backend; backends other than native TensorFlow compute the same as before.
 */
export function registerSingleOpGradients(): void {
  replace('Relu', (dy, y) => native('ReluGrad', [dy, y]) ?? dy.mul(y.step()));
  replace('Tanh', (dy, y) => native('TanhGrad', [y, dy]) ?? dy.mul(tf.sub(1, y.square())));
  replace('Sigmoid', (dy, y) => native('SigmoidGrad', [y, dy]) ?? dy.mul(y.mul(tf.sub(1, y))));
  replaceBiasGradient();
}

/** Replaces the gradient of an elementwise function whose gradient follows from its output. */
function replace(kernelName: string, gradient: (dy: tf.Tensor, y: tf.Tensor) => tf.Tensor): void {
  tf.unregisterGradient(kernelName);
  tf.registerGradient({
    kernelName,
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({ x: () => gradient(dy as tf.Tensor, y!) }),
  });
}

/** Replaces the gradient of adding a vector along the last axis, as biases are added. */
function replaceBiasGradient(): void {
  const original = tf.getGradient('Add');
  tf.unregisterGradient('Add');
  tf.registerGradient({
    ...original,
    gradFunc: (given, saved, attributes) => {
      const dy = given as tf.Tensor;
      const [, bias] = saved;
      const gradients = original.gradFunc(dy, saved, attributes);
      if (!isBias(bias!, dy)) return gradients;
      return {
        ...gradients,
        b: () => native('BiasAddGrad', [dy])?.reshape(bias!.shape) ?? gradients['b']!(),
      };
    },
  });
}

function isBias(bias: tf.Tensor, sum: tf.Tensor): boolean {
  return (
    sum.rank > 1 &&
    bias.dtype === 'float32' &&
    bias.size === bias.shape.at(-1) &&
    bias.size === sum.shape.at(-1)
  );
}

function native(name: string, inputs: tf.Tensor[]): tf.Tensor | undefined {
  if (inputs.some(({ dtype }) => dtype !== 'float32')) return undefined;
  const attributes: Record<string, Attribute> =
    name === 'BiasAddGrad' ? { ...float, data_format: { type: 'string', value: 'NHWC' } } : { ...float };
  return nativeOp()?.(name, attributes, inputs);
}
