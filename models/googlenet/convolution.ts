/** A convolution of GoogLeNet with its ReLU, and in torchvision’s variant its batch normalisation. */
import { tf } from '../../src/core/tf';
import type { Variant } from './table';

/** What all layers of one model have in common. */
export interface Plan {
  readonly classes: number;
  readonly convolutional: boolean;
  readonly variant: Variant;
}

/** A convolution and its ReLU, with zeros around the map that keep its size or, at stride 2, halve it. */
export function convolution(
  below: tf.SymbolicTensor,
  { name, kernel, stride, maps }: { name: string; kernel: number; stride: number; maps: number },
  { variant }: Plan,
): tf.SymbolicTensor {
  const batch = variant.normalisation === 'batch';
  const margin = (kernel - 1) / 2;
  // TensorFlow's own padding is lopsided at stride 2.
  const padded =
    stride === 1
      ? below
      : through(below, tf.layers.zeroPadding2d({ name: `${name}/pad`, padding: [margin, margin] }));
  const sums = through(
    padded,
    tf.layers.conv2d({
      name,
      filters: maps,
      kernelSize: kernel,
      strides: stride,
      padding: stride === 1 ? 'same' : 'valid',
      useBias: !batch,
      kernelInitializer: 'zeros',
      ...(batch ? {} : { activation: 'relu' }),
    }),
  );
  if (!batch) return sums;
  // The share of the old moving statistics that an update keeps is 1 − PyTorch's momentum.
  const normalised = tf.layers.batchNormalization({
    name: `${name}/normalise`,
    epsilon: 0.001,
    momentum: 0.9,
  });
  return through(through(sums, normalised), tf.layers.reLU({ name: `${name}/relu` }));
}

/** What a layer makes of the tensor below it. */
export function through(below: tf.SymbolicTensor, layer: tf.layers.Layer): tf.SymbolicTensor {
  return layer.apply(below) as tf.SymbolicTensor;
}
