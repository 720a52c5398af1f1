/** The cross-entropy of softmax, by the one operation that native TensorFlow has for it. */
import { nativeOps, type Attribute } from '../core/native';
import { tf } from '../core/tf';

const types: Readonly<Record<string, Attribute>> = {
  T: { type: 'type', value: 'float32' },
  Tlabels: { type: 'type', value: 'int32' },
};

/**
 * −log softmax(scores)[label] of each image; by native TensorFlow's one operation for it and its gradient, where that
 * is the backend.
 * @param scores `[batch, classes]`, logits
 * @param labels `[batch]`, int32
 * @returns `[batch]`
 */
export function softmaxCrossEntropy(scores: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  const run = nativeOps();
  if (!run) {
    const correct = tf.oneHot(labels, scores.shape[1]).toFloat();
    return tf.losses.softmaxCrossEntropy(correct, scores, undefined, 0, tf.Reduction.NONE);
  }
  const losses = tf.customGrad((logits, save) => {
    const inputs = [logits as tf.Tensor, labels];
    const [value, slopes] = run('SparseSoftmaxCrossEntropyWithLogits', types, inputs, 2);
    (save as tf.GradSaveFunc)([slopes!]);
    return {
      value: value!, // [batch]
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => saved[0]!.mul(dy.expandDims(1)), // [batch, classes]
    };
  });
  return losses(scores) as tf.Tensor1D;
}
