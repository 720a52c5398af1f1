/** Builds pooling layers that Keras does not have from layers that it has. */
import type { AdaptiveAveragePool } from '../../../layers/adaptive-average-pool';
import type { CeilPool, CeilPoolOptions } from '../../../layers/ceil-pool';
import type { tf } from '../../../core/tf';
import { einsum, filled, steps, type KerasStep, type KerasWeight } from './step';

/** The settings with which Keras pools along one axis like our layer. */
interface AxisPooling {
  readonly padding: 'valid' | 'same';
  readonly size: number;
  readonly stride: number;
}

/**
 * Pooling whose last windows may lie partly outside the map. Keras's `same` padding excludes positions outside from
 * maxima and averages, like ours, but puts half of the padding before the map, unless that half is zero. If the two
 * axes need different paddings, each gets its own layer: the maximum or average over a rectangle is that of
 * its rows' results.
 * @returns undefined if Keras has no such windows
 */
export function ceilPooling(layer: CeilPool): readonly KerasStep[] | undefined {
  const options = layer.getConfig() as unknown as CeilPoolOptions;
  const [rows, columns] = [1, 2].map((axis) => axisPooling(layer, axis, options));
  if (!rows || !columns) return undefined;
  const kind = options.kind === 'max' ? 'MaxPooling2D' : 'AveragePooling2D';
  const whole = { padding: 'valid', size: 1, stride: 1 } as const;
  if (rows.padding === columns.padding) return [pooling(kind, rows, columns)];
  return steps(['rows', pooling(kind, rows, whole)], ['', pooling(kind, whole, columns)]);
}

function pooling(kind: string, rows: AxisPooling, columns: AxisPooling): KerasStep {
  const config = {
    pool_size: [rows.size, columns.size],
    strides: [rows.stride, columns.stride],
    padding: rows.padding === 'same' || columns.padding === 'same' ? 'same' : 'valid',
  };
  return { kind, config };
}

function axisPooling(
  layer: CeilPool,
  axis: number,
  { size, stride }: CeilPoolOptions,
): AxisPooling | undefined {
  const side = (layer.input as tf.SymbolicTensor).shape[axis]!;
  const windows = (layer.output as tf.SymbolicTensor).shape[axis]!;
  const beyond = (windows - 1) * stride + size - side;
  if (beyond === 0) return { padding: 'valid', size, stride };
  // A single window that covers everything.
  if (windows === 1) return { padding: 'valid', size: side, stride: side };
  const isSame = beyond === 1 && windows === Math.ceil(side / stride);
  return isSame ? { padding: 'same', size, stride } : undefined;
}

/** Averages over windows that need not be evenly spaced: one matrix product along the rows, one along the columns. */
export function adaptivePooling(layer: AdaptiveAveragePool): readonly KerasStep[] {
  const { size } = layer.getConfig() as unknown as { readonly size: number };
  const [, height, width, maps] = (layer.input as tf.SymbolicTensor).shape as [null, number, number, number];
  return steps(
    ['rows', einsum('abcd,be->aecd', [size, width, maps], shares(height, size))],
    ['', einsum('abcd,ce->abed', [size, size, maps], shares(width, size))],
  );
}

/** `[side, size]`: the weight of each pixel of an axis in each window's average. */
function shares(side: number, size: number): KerasWeight {
  const values = filled(side * size, (at) => {
    const [pixel, window] = [Math.floor(at / size), at % size];
    const start = Math.floor((window * side) / size);
    const end = Math.ceil(((window + 1) * side) / size);
    return pixel >= start && pixel < end ? 1 / (end - start) : 0;
  });
  return { shape: [side, size], values };
}
