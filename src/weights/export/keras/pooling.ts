/** Poolings that Keras does not have, as layers that it has. */
import type { AdaptiveAveragePool } from '../../../layers/adaptive-average-pool';
import type { CeilPool, CeilPoolOptions } from '../../../layers/ceil-pool';
import type { tf } from '../../../core/tf';
import { einsum, filled, steps, type KerasStep, type KerasWeight } from './step';

/** How Keras pools along one axis as our layer does. */
interface AxisPooling {
  readonly padding: 'valid' | 'same';
  readonly size: number;
  readonly stride: number;
}

/**
 * Pooling whose last windows may lie partly outside. Keras's `same` leaves what lies outside out of maxima and averages,
 * as ours does, but puts half of it before the image, unless that half is nothing. Where the two axes need different
 * paddings, each has a layer of its own: maxima and averages over a rectangle are those of its rows' own.
 * @returns nothing where Keras has no such windows
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
  // One window that sees everything.
  if (windows === 1) return { padding: 'valid', size: side, stride: side };
  const isSame = beyond === 1 && windows === Math.ceil(side / stride);
  return isSame ? { padding: 'same', size, stride } : undefined;
}

/** Averages over windows that need not lie evenly: one product along the rows, one along the columns. */
export function adaptivePooling(layer: AdaptiveAveragePool): readonly KerasStep[] {
  const { size } = layer.getConfig() as unknown as { readonly size: number };
  const [, height, width, maps] = (layer.input as tf.SymbolicTensor).shape as [null, number, number, number];
  return steps(
    ['rows', einsum('abcd,be->aecd', [size, width, maps], shares(height, size))],
    ['', einsum('abcd,ce->abed', [size, size, maps], shares(width, size))],
  );
}

/** `[side, size]`: what each pixel of an axis counts in each of the windows' averages. */
function shares(side: number, size: number): KerasWeight {
  const values = filled(side * size, (at) => {
    const [pixel, window] = [Math.floor(at / size), at % size];
    const start = Math.floor((window * side) / size);
    const end = Math.ceil(((window + 1) * side) / size);
    return pixel >= start && pixel < end ? 1 / (end - start) : 0;
  });
  return { shape: [side, size], values };
}
