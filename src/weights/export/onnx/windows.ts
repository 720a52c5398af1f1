/** Windows over maps, with all their margins written out. */
import type { tf } from '../../../core/tf';
import { filled } from '../keras/step';
import { inputShape, outputShape, sides, step, type Place } from './place';

/**
 * The zeros around a map by which windows are as many as ours: half of them before, as TensorFlow's `same` has it, or
 * all behind, where only the last windows extend beyond the map. ONNX's own `ceil_mode` is left out: what it means for
 * windows that begin outside changed between its versions.
 * @returns top, left, bottom, right
 */
export function windowMargins(
  layer: tf.layers.Layer,
  size: readonly [number, number],
  strides: readonly [number, number],
  behind = false,
): number[] {
  const [before, after] = [0, 1].map((axis) => {
    const side = sides(inputShape(layer))[axis]!;
    const windows = sides(outputShape(layer))[axis]!;
    const beyond = Math.max(0, (windows - 1) * strides[axis]! + size[axis]! - side);
    const first = behind ? 0 : Math.floor(beyond / 2);
    return [first, beyond - first] as const;
  }) as [readonly [number, number], readonly [number, number]];
  return [before[0], after[0], before[1], after[1]];
}

/** Pooling; what is outside the map counts neither for maxima nor for averages. */
export function pooling(place: Place, op: 'MaxPool' | 'AveragePool', size: unknown, strides: unknown): void {
  const { graph, layer, config, inputs, output } = place;
  const [window, stride] = [pair(size), pair(strides)];
  const pads = windowMargins(layer, window, stride, config['padding'] !== 'same');
  graph.add(op, inputs, output, {
    kernel_shape: { ints: window },
    strides: { ints: stride },
    pads: { ints: pads },
  });
}

function pair(given: unknown): [number, number] {
  return typeof given === 'number' ? [given, given] : (given as [number, number]);
}

/** Averages over windows that need not be evenly spaced: one matrix product along the columns, one along the rows. */
export function adaptivePooling(place: Place): void {
  const { graph, layer, inputs, output } = place;
  const { size } = layer.getConfig() as unknown as { readonly size: number };
  const [height, width] = sides(inputShape(layer));
  const columns = graph.constant(`${layer.name}/columns`, [width, size], shares(width, size));
  const rows = graph.constant(`${layer.name}/rows`, [size, height], transposed(shares(height, size), size));
  graph.add('MatMul', [rows, step(place, 'across', 'MatMul', [...inputs, columns])], output);
}

/** `[side, size]`: the weight of each pixel of an axis in each window's average. */
function shares(side: number, size: number): Float32Array {
  return filled(side * size, (at) => {
    const [pixel, window] = [Math.floor(at / size), at % size];
    const start = Math.floor((window * side) / size);
    const end = Math.ceil(((window + 1) * side) / size);
    return pixel >= start && pixel < end ? 1 / (end - start) : 0;
  });
}

/** `[rows, columns]` → `[columns, rows]`. */
export function transposed(values: Float32Array, columns: number): Float32Array {
  const rows = values.length / columns;
  return filled(values.length, (at) => values[(at % rows) * columns + Math.floor(at / rows)]!);
}
