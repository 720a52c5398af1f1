/** PyTorch's tensors as its pickles describe them: torch/_utils.py and torch/serialization.py. */
import { bfloat16ToFloat32, float16ToFloat32 } from './half-floats';
import type { Meanings } from './pickle';

/** Numbers that lie outside the pickle, as one row. */
export interface Storage {
  readonly kind: 'storage';
  readonly key: string;
  readonly type: StorageType;
  /** In elements. */
  readonly length: number;
}

/** A view of a storage. */
export interface TorchTensor {
  readonly kind: 'tensor';
  readonly storage: Storage;
  /** In elements, as the strides. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** How a storage's bytes, little endian, become numbers, and how many make one. */
interface StorageType {
  readonly size: number;
  decode(aligned: ArrayBuffer): Float32Array;
}

const storageTypes: Readonly<Record<string, StorageType>> = {
  'torch.FloatStorage': { size: 4, decode: (bytes) => new Float32Array(bytes) },
  'torch.DoubleStorage': { size: 8, decode: (bytes) => new Float32Array(new Float64Array(bytes)) },
  'torch.HalfStorage': { size: 2, decode: (bytes) => float16ToFloat32(new Uint16Array(bytes)) },
  'torch.BFloat16Storage': { size: 2, decode: (bytes) => bfloat16ToFloat32(new Uint16Array(bytes)) },
  'torch.LongStorage': { size: 8, decode: (bytes) => Float32Array.from(new BigInt64Array(bytes), Number) },
  'torch.IntStorage': { size: 4, decode: (bytes) => new Float32Array(new Int32Array(bytes)) },
  'torch.ShortStorage': { size: 2, decode: (bytes) => new Float32Array(new Int16Array(bytes)) },
  'torch.CharStorage': { size: 1, decode: (bytes) => new Float32Array(new Int8Array(bytes)) },
  'torch.ByteStorage': { size: 1, decode: (bytes) => new Float32Array(new Uint8Array(bytes)) },
  'torch.BoolStorage': { size: 1, decode: (bytes) => new Float32Array(new Uint8Array(bytes)) },
};

/** Python's functions that a state dict names, and what they make of their arguments. */
const functions: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  'collections.OrderedDict': ([pairs = []]) => (isPairs(pairs) ? new Map(pairs) : undefined),
  'torch.Size': ([sizes]) => sizes,
  'torch._utils._rebuild_tensor': ([storage, offset, shape, strides]) =>
    tensorOf(storage, offset, shape, strides),
  'torch._utils._rebuild_tensor_v2': ([storage, offset, shape, strides]) =>
    tensorOf(storage, offset, shape, strides),
  'torch._utils._rebuild_parameter': ([tensor]) => (isTensor(tensor) ? tensor : undefined),
};

/** What the words of PyTorch's pickles mean: tensors, their storages, and nothing else. */
export const torchMeanings: Meanings = {
  global: (name) =>
    Object.hasOwn(functions, name)
      ? functions[name]
      : Object.hasOwn(storageTypes, name)
        ? storageTypes[name]
        : undefined,
  call: (callee, args) => Object.values(functions).find((known) => known === callee)?.(args),
  stored: storageOf,
};

/** Python 2 hands an ordered dictionary its items in the call. */
function isPairs(value: unknown): value is [unknown, unknown][] {
  return Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2);
}

/** @param id `('storage', type, key, device, length)`, and in older files, for a part of a storage, which part */
function storageOf(id: unknown): Storage | undefined {
  if (!Array.isArray(id)) return undefined;
  const [word, given, key, , length, part = null] = id as unknown[];
  const type = Object.values(storageTypes).find((known) => known === given);
  if (word !== 'storage' || !type || typeof key !== 'string' || !isSize(length) || part !== null)
    return undefined;
  return { kind: 'storage', key, type, length };
}

function tensorOf(
  storage: unknown,
  offset: unknown,
  shape: unknown,
  strides: unknown,
): TorchTensor | undefined {
  if (!isStorage(storage) || !isSize(offset) || !isSizes(shape) || !isSizes(strides)) return undefined;
  if (shape.length !== strides.length) return undefined;
  return { kind: 'tensor', storage, offset, shape: [...shape], strides: [...strides] };
}

/** Everything else that a pickle makes is an array, a map, bytes, or no object. */
export function isTensor(value: unknown): value is TorchTensor {
  return (value as { readonly kind?: unknown } | null | undefined)?.kind === 'tensor';
}

function isStorage(value: unknown): value is Storage {
  return (value as { readonly kind?: unknown } | null | undefined)?.kind === 'storage';
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isSize);
}
