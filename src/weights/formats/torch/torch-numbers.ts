/** Reads the numbers of a PyTorch tensor from its storage, by its strides. */
import { quoted, type Refuse } from '../../../core/errors';
import { elementCount } from '../../../core/shape';
import { bounds } from '../../../core/bounds';
import type { TorchTensor } from './torch-tensor';

/** PyTorch's own limit. */
const { axes: mostAxes } = bounds.torch;

/**
 * Refuses a tensor that extends beyond its storage, or that has more elements than its storage because it repeats them.
 * @param bytes the size of the storage in the file
 */
export function checkTensor(
  { storage, offset, shape, strides }: TorchTensor,
  name: string,
  bytes: number,
  refuse: Refuse,
) {
  const { length, type } = storage;
  const said = `tensor ${quoted(name)} of the shape [${shape.slice(0, mostAxes).join(', ')}]`;
  if (shape.length > mostAxes) refuse(`at most ${mostAxes} dimensions of ${said}`, String(shape.length));
  if (bytes !== length * type.size) refuse(`${length * type.size} bytes for ${said}`, String(bytes));
  const elements = elementCount(shape);
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, offset);
  if (elements > length) refuse(`at most ${length} elements in ${said}, as in its storage`, String(elements));
  if (elements > 0 && last >= length) refuse(`${said} inside its storage of ${length}`, `element ${last}`);
}

/** The number of bytes in its storage, from its first element to its last, that are read for a checked tensor. */
export function spanOf({ storage, offset, shape, strides }: TorchTensor): number {
  if (shape.includes(0)) return 0;
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, offset);
  return (last + 1 - offset) * storage.type.size;
}

/** The numbers of a checked tensor, row-major. */
export function numbersOf(tensor: TorchTensor, bytes: Uint8Array): Float32Array {
  const { storage, offset, shape, strides, negative } = tensor;
  const { size, decode } = storage.type;
  if (typeof decode === 'string') throw new RangeError(`expected numbers that are read, found ${decode}`);
  const elements = elementCount(shape);
  if (elements === 0) return new Float32Array(0);
  const last = shape.reduce((sum, side, axis) => sum + (side - 1) * strides[axis]!, offset);
  const span = new Uint8Array(bytes.subarray(offset * size, (last + 1) * size)); // a copy, and therefore aligned
  const row = decode(span.buffer);
  const numbers = isRowMajor(shape, strides) ? row : gathered(row, elements, shape, strides);
  return negative ? numbers.map((value) => -value) : numbers;
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** Visits the elements of a tensor in row-major order, axis by axis like an odometer. */
function gathered(
  row: Float32Array,
  elements: number,
  shape: readonly number[],
  strides: readonly number[],
): Float32Array {
  const numbers = new Float32Array(elements);
  const place = shape.map(() => 0);
  for (let at = 0, source = 0; at < elements; at++) {
    numbers[at] = row[source]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      source -= shape[axis]! * strides[axis]!;
      place[axis] = 0;
    }
  }
  return numbers;
}
