/** Reads the numbers of HDF5 files in portions. */
import { quoted, type Refuse } from '../../../core/errors';
import { elementCount } from '../../../core/shape';
import { float16ToFloat32 } from '../half-floats';
import type { Hdf5Module } from './hdf5-source';

export type NumberDecoder = (bytes: ArrayBuffer) => ArrayLike<number>;

/** Decoders of floating-point numbers, by the size of one number in bytes. */
export const numberDecoders: Readonly<Record<number, NumberDecoder>> = {
  2: (bytes) => float16ToFloat32(new Uint16Array(bytes)),
  4: (bytes) => new Float32Array(bytes),
  8: (bytes) => new Float64Array(bytes),
};

/** The number of bytes that pass through the module's memory at a time. */
const portion = 32 * 2 ** 20;

/** Where numbers are stored in a file, and in which form. */
interface Stored {
  readonly path: string;
  readonly shape: readonly number[];
  /** The size of one number in bytes. */
  readonly size: number;
  readonly chunks: readonly number[] | null;
}

/** @param use is called with the bytes of some rows of the first axis, and the number of elements before them */
export function forEachPortion(
  module: Hdf5Module,
  file: bigint,
  { path, shape, size, chunks }: Stored,
  use: (bytes: ArrayBuffer, from: number) => void,
  refuse: Refuse,
): void {
  const [length = 1, ...sides] = shape;
  const row = elementCount(sides);
  if (row * length === 0) return;
  // Reads whole chunks, so that no chunk is decompressed twice.
  const whole = chunks?.[0] ?? 1;
  const rows = Math.max(1, Math.floor(portion / (row * size * whole))) * whole;
  for (let from = 0; from < length; from += rows) {
    const count = Math.min(rows, length - from);
    const bytes = count * row * size;
    withMemory(module, bytes, refuse, (address) => {
      if (readRows(module, file, path, shape, from, count, BigInt(address)) < 0)
        refuse(`numbers in data set ${quoted(path)}`, 'damage');
      use(module.HEAPU8.slice(address, address + bytes).buffer, from * row);
    });
  }
}

/** @returns a negative number on failure */
function readRows(
  module: Hdf5Module,
  file: bigint,
  path: string,
  shape: readonly number[],
  from: number,
  count: number,
  place: bigint,
): number {
  if (shape.length === 0) return module.get_dataset_data(file, path, null, null, null, place);
  const counts = shape.map((side, axis) => BigInt(axis === 0 ? count : side));
  const starts = shape.map((_, axis) => BigInt(axis === 0 ? from : 0));
  const steps = shape.map(() => 1n);
  return module.get_dataset_data(file, path, counts, starts, steps, place);
}

/** Allocates some of the module's memory for the duration of a call. */
export function withMemory<T>(
  module: Hdf5Module,
  bytes: number,
  refuse: Refuse,
  use: (address: number) => T,
): T {
  const address = module._malloc(Math.max(1, bytes));
  if (address === 0) refuse('what fits into memory', `${bytes} bytes more`);
  try {
    return use(address);
  } finally {
    module._free(address);
  }
}
