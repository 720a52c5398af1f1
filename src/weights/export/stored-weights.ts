/** Stores kernels, the weights that multiply, in 16 or 8 bits. */
import { UserError } from '../../core/errors';
import { elementCount } from '../../core/shape';
import { float32ToFloat16 } from '../formats/half-floats';

/** Whether a weight is stored in fewer bits where that is asked for: it is a kernel, by our name for it. */
export function isKernel(name: string): boolean {
  return name.endsWith('/kernel');
}

export interface GivenKernel {
  readonly name: string;
  readonly shape: readonly number[];
  /** The axis along which each position has a scale of its own. */
  readonly axis: number;
  readonly values: Float32Array;
}

/** A kernel in fewer bits; in 8 bits, with the scale of each position: value = scale · stored. */
export type StoredKernel =
  | { readonly values: Uint16Array; readonly scales?: undefined }
  | { readonly values: Int8Array; readonly scales: Float32Array };

/** @throws UserError when a value is beyond what float16 holds */
export function storedKernel(as: 'float16' | 'int8', kernel: GivenKernel): StoredKernel {
  return as === 'int8' ? symmetric(kernel) : { values: halves(kernel) };
}

const largestHalf = 65_504;

/** @throws UserError when a value is beyond what float16 holds */
export function halves({ name, values }: Pick<GivenKernel, 'name' | 'values'>): Uint16Array {
  const beyond = values.find((value) => !(value >= -largestHalf && value <= largestHalf));
  if (beyond !== undefined)
    throw new UserError(
      `export: expected weights of at most ${largestHalf} for float16, found ${beyond} in ${name}`,
    );
  return float32ToFloat16(values);
}

/** −127 to 127 for each position of the axis, from the largest amount there; 0 stays 0. */
function symmetric({ shape, axis, values }: GivenKernel): StoredKernel {
  const { abs, round } = Math;
  const positions = shape[axis]!;
  const inner = elementCount(shape.slice(axis + 1));
  const { length } = values;
  const scales = new Float32Array(positions);
  const stored = new Int8Array(length);
  for (let position = 0; position < positions; position++) {
    let largest = 0;
    for (let start = position * inner; start < length; start += positions * inner)
      for (let at = start; at < start + inner; at++) {
        const amount = abs(values[at]!);
        if (amount > largest) largest = amount;
      }
    scales[position] = largest === 0 ? 1 : largest / 127;
    const scale = scales[position]!;
    for (let start = position * inner; start < length; start += positions * inner)
      for (let at = start; at < start + inner; at++) {
        const step = round(values[at]! / scale);
        stored[at] = step > 127 ? 127 : step < -127 ? -127 : step;
      }
  }
  return { values: stored, scales };
}

/** Weights as TensorFlow.js stores them in 8 bits: value = scale · stored + min. */
export interface AffineBytes {
  readonly values: Uint8Array;
  readonly scale: number;
  readonly min: number;
}

/** 0 to 255 over the range of all values, moved by less than a step where that makes 0 one of the steps. */
export function affineBytes(values: Float32Array): AffineBytes {
  const { length } = values;
  let [least, most] = [Infinity, -Infinity];
  for (let at = 0; at < length; at++) {
    const value = values[at]!;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const scale = most > least ? (most - least) / 255 : 1;
  const min = least <= 0 && most >= 0 ? -Math.round(-least / scale) * scale : least;
  const stored = new Uint8Array(length);
  const { round } = Math;
  for (let at = 0; at < length; at++) {
    const step = round((values[at]! - min) / scale);
    stored[at] = step < 0 ? 0 : step > 255 ? 255 : step;
  }
  return { values: stored, scale, min };
}

/** The bytes of numbers, little-endian. */
export function contentOf(values: {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
}): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
