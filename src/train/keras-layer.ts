import { CeilPool } from '../layers/ceil-pool';
import { GroupedConv2D } from '../layers/grouped-conv';
import { SeededDropout } from '../layers/seeded-dropout';
import type { tf } from '../tf';

/** A layer as Keras describes it. */
export interface KerasLayer {
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Layers that are the same in TensorFlow.js and Keras. */
const shared = new Set([
  'InputLayer',
  'Conv2D',
  'Dense',
  'Flatten',
  'MaxPooling2D',
  'AveragePooling2D',
  'GlobalAveragePooling2D',
  'BatchNormalization',
  'Concatenate',
  'ReLU',
  'ZeroPadding2D',
]);

/**
 * Keras's layer that computes the same.
 * @param described as TensorFlow.js describes it, in Keras's words
 * @returns nothing where Keras has none
 */
export function kerasLayer(
  layer: tf.layers.Layer,
  {
    class_name: kind,
    config,
  }: Pick<{ class_name: string; config: KerasLayer['config'] }, 'class_name' | 'config'>,
): KerasLayer | undefined {
  if (shared.has(kind)) return { kind, config };
  if (layer instanceof SeededDropout) return { kind: 'Dropout', config };
  if (layer instanceof GroupedConv2D) {
    const { filters, kernel_size: side, groups, activation = 'linear' } = config;
    const settings = {
      filters,
      kernel_size: [side, side],
      strides: [1, 1],
      padding: 'same',
      groups,
      activation,
    };
    return { kind: 'Conv2D', config: { ...settings, use_bias: true, data_format: 'channels_last' } };
  }
  if (layer instanceof CeilPool && !reachesOver(layer)) {
    const { size, stride } = config;
    const settings = { pool_size: [size, size], strides: [stride, stride], padding: 'valid' };
    return { kind: config['kind'] === 'max' ? 'MaxPooling2D' : 'AveragePooling2D', config: settings };
  }
  return undefined;
}

/** Whether the last windows lie partly outside; Keras leaves such windows out. */
function reachesOver(layer: CeilPool): boolean {
  const { size, stride } = layer.getConfig() as { size: number; stride: number };
  const before = (layer.input as tf.SymbolicTensor).shape;
  const after = (layer.output as tf.SymbolicTensor).shape;
  return [1, 2].some((axis) => (after[axis]! - 1) * stride + size > before[axis]!);
}
