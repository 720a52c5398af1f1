/** One weight as the manifest of a TensorFlow.js model lists it. */
import { quoted, type Refuse } from '../../../core/errors';
import { elementCount } from '../../../core/shape';
import { bounds } from '../../../core/bounds';
import { float16ToFloat32 } from '../half-floats';
import { member } from '../../../core/io/json-text';

/** One weight as a `weightsManifest` lists it. */
export interface TfjsEntry {
  readonly name: string;
  readonly shape: readonly number[];
  /** The number of bytes that it takes in the file. */
  readonly bytes: number;
  /** Its type if that is whole numbers or booleans, also if they were quantised to fewer bits. */
  readonly whole?: string;
  /** @param bytes starting at offset 0 of their memory */
  decode(bytes: Uint8Array): Float32Array;
}

/** How the numbers of a type are stored in a file, little-endian. */
interface Stored {
  readonly size: number;
  decode(bytes: Uint8Array): Float32Array;
}

const types: Readonly<Record<string, Stored>> = {
  float32: { size: 4, decode: ({ buffer }) => new Float32Array(buffer) },
  int32: { size: 4, decode: ({ buffer }) => new Float32Array(new Int32Array(buffer)) },
  uint8: { size: 1, decode: (bytes) => new Float32Array(bytes) },
  bool: { size: 1, decode: (bytes) => new Float32Array(bytes) },
};

const { axes: mostAxes } = bounds.tfjs;

/** @param weight a JSON value: `{ name, shape, dtype, quantization? }` */
export function tfjsEntry(weight: unknown, refuse: Refuse): TfjsEntry {
  const [name, shape] = [member(weight, 'name'), member(weight, 'shape')];
  if (typeof name !== 'string' || name === '') return refuse('a name of every weight', 'none');
  if (!isShape(shape))
    return refuse(`a shape of whole numbers of ${quoted(name)}`, JSON.stringify(shape ?? null).slice(0, 60));
  const { size, decode } = storedAs(weight, name, refuse);
  const bytes = size * elementCount(shape);
  if (!Number.isSafeInteger(bytes)) refuse(`sizes within 2^53 of ${quoted(name)}`, String(bytes));
  const type = member(weight, 'dtype');
  const whole = type === 'int32' || type === 'uint8' || type === 'bool' ? { whole: type } : undefined;
  return { name: name.replace(/:0$/, ''), shape, bytes, ...whole, decode };
}

function storedAs(weight: unknown, name: string, refuse: Refuse): Stored {
  const quantization = member(weight, 'quantization');
  const given = member(quantization === undefined ? weight : quantization, 'dtype');
  const known = quantization === undefined ? Object.keys(types) : ['uint8', 'uint16', 'float16'];
  if (typeof given !== 'string' || !known.includes(given))
    return refuse(
      `one of the types ${known.join(', ')} of ${quoted(name)}`,
      JSON.stringify(given ?? null).slice(0, 60),
    );
  if (quantization === undefined) return types[given]!;
  if (given === 'float16')
    return { size: 2, decode: ({ buffer }) => float16ToFloat32(new Uint16Array(buffer)) };
  const [scale, min] = [member(quantization, 'scale'), member(quantization, 'min')];
  if (typeof scale !== 'number' || typeof min !== 'number')
    return refuse(`a scale and a min of the quantised ${quoted(name)}`, 'none');
  // If the weight is a whole number, the dequantised value is rounded again.
  const whole = member(weight, 'dtype') === 'int32';
  const value = whole ? (q: number) => Math.round(q * scale + min) : (q: number) => q * scale + min;
  return given === 'uint8'
    ? { size: 1, decode: (bytes) => mapped(bytes, value) }
    : { size: 2, decode: ({ buffer }) => mapped(new Uint16Array(buffer), value) };
}

/** The same as `Float32Array.from`, in a tenth of the time. */
function mapped(given: Uint8Array | Uint16Array, value: (stored: number) => number): Float32Array {
  const numbers = new Float32Array(given.length);
  const { length } = given;
  for (let at = 0; at < length; at++) numbers[at] = value(given[at]!);
  return numbers;
}

function isShape(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.length <= mostAxes &&
    value.every((side) => Number.isSafeInteger(side) && side >= 0)
  );
}
