/** Decodes PyTorch's tensors from their description in pickles: torch/_utils.py and torch/serialization.py. */
import { bfloat16ToFloat32 } from '../../../core/tensorflow/bfloat16';
import { float16ToFloat32 } from '../half-floats';
import { PassedOver, type Meanings } from './pickle';

/** A one-dimensional array of numbers outside the pickle. */
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
  /** In elements, like the strides. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** Whether the tensor is the negative of its storage's content: PyTorch's bit `neg`. */
  readonly negative?: true;
}

/**
 * A tensor of a kind that is not read here. A network's weights are never of this kind, but other saved tensors may be.
 */
export interface UnreadTensor {
  readonly kind: 'unread';
  /** Such as `torch.ComplexFloatStorage`, `torch._utils._rebuild_sparse_tensor` */
  readonly of: string;
}

/** How a storage's bytes, little-endian, are converted to numbers, and the size of one number. */
interface StorageType {
  readonly size: number;
  /** The name of the type if it is not floating-point; weights are always floating-point. */
  readonly whole?: string;
  /** The conversion, or the name of the kind if it is not read. */
  readonly decode: ((aligned: ArrayBuffer) => Float32Array) | string;
}

const storageTypes: Readonly<Record<string, StorageType>> = {
  'torch.FloatStorage': { size: 4, decode: (bytes) => new Float32Array(bytes) },
  'torch.DoubleStorage': { size: 8, decode: (bytes) => new Float32Array(new Float64Array(bytes)) },
  'torch.HalfStorage': { size: 2, decode: (bytes) => float16ToFloat32(new Uint16Array(bytes)) },
  'torch.BFloat16Storage': { size: 2, decode: (bytes) => bfloat16ToFloat32(new Uint16Array(bytes)) },
  'torch.LongStorage': {
    size: 8,
    decode: (bytes) => Float32Array.from(new BigInt64Array(bytes), Number),
    whole: 'int64',
  },
  'torch.IntStorage': { size: 4, decode: (bytes) => new Float32Array(new Int32Array(bytes)), whole: 'int32' },
  'torch.ShortStorage': {
    size: 2,
    decode: (bytes) => new Float32Array(new Int16Array(bytes)),
    whole: 'int16',
  },
  'torch.CharStorage': { size: 1, decode: (bytes) => new Float32Array(new Int8Array(bytes)), whole: 'int8' },
  'torch.ByteStorage': {
    size: 1,
    decode: (bytes) => new Float32Array(new Uint8Array(bytes)),
    whole: 'uint8',
  },
  'torch.BoolStorage': { size: 1, decode: (bytes) => new Float32Array(new Uint8Array(bytes)), whole: 'bool' },
  'torch.ComplexFloatStorage': { size: 8, decode: 'complex' },
  'torch.ComplexDoubleStorage': { size: 16, decode: 'complex' },
  'torch.QInt8Storage': { size: 1, decode: 'quantised' },
  'torch.QUInt8Storage': { size: 1, decode: 'quantised' },
  'torch.QInt32Storage': { size: 4, decode: 'quantised' },
  'torch.QUInt4x2Storage': { size: 1, decode: 'quantised' },
  'torch.QUInt2x4Storage': { size: 1, decode: 'quantised' },
  // For types that have no storage class of their own: 8-bit floats, unsigned numbers.
  'torch.storage.UntypedStorage': { size: 1, decode: 'of no type' },
};

/** Python functions that occur in a state dict, and the objects that they make of their arguments. */
const functions: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  'collections.OrderedDict': ([pairs = []]) => (isPairs(pairs) ? new Map(pairs) : undefined),
  'collections.defaultdict': () => new Map(),
  'torch.Size': ([sizes]) => sizes,
  'torch._utils._rebuild_tensor': ([storage, offset, shape, strides]) =>
    tensorOf(storage, offset, shape, strides),
  'torch._utils._rebuild_tensor_v2': ([storage, offset, shape, strides, , , bits]) =>
    withBits(tensorOf(storage, offset, shape, strides), bits),
  // The seventh argument is the type, which has no storage class of its own.
  'torch._utils._rebuild_tensor_v3': ([storage, , , , , , type]) =>
    isStorage(storage)
      ? unread(type instanceof PassedOver ? `of ${type.name}` : 'of another type')
      : undefined,
  'torch._utils._rebuild_parameter': ([tensor]) => (isTensor(tensor) ? tensor : undefined),
  'torch._utils._rebuild_parameter_with_state': ([tensor]) => (isTensor(tensor) ? tensor : undefined),
  // A tensor of a subclass, or with attributes: the function that makes it, its class, the arguments.
  'torch._tensor._rebuild_from_type_v2': ([make, , args]) =>
    Array.isArray(args) && make !== functions['torch._tensor._rebuild_from_type_v2']
      ? torchMeanings.call(make, args)
      : undefined,
  'torch._utils._rebuild_sparse_tensor': () => unread('sparse'),
  'torch._utils._rebuild_sparse_csr_tensor': () => unread('sparse'),
  'torch._utils._rebuild_qtensor': () => unread('quantised'),
  'torch._utils._rebuild_nested_tensor': () => unread('nested'),
  'torch._utils._rebuild_meta_tensor_no_storage': () => unread('meta'),
  'torch._utils._rebuild_device_tensor_from_numpy': () => unread('of another device'),
  'torch._utils._rebuild_device_tensor_from_cpu_tensor': ([tensor]) =>
    isTensor(tensor) ? tensor : undefined,
  'torch._utils._rebuild_wrapper_subclass': () => unread('of a class of its own'),
};

const unread = (of: string): UnreadTensor => ({ kind: 'unread', of });

/** Globals that start programs or open files when Python loads the file: only attacks contain them, never weights. */
const attacks = [
  /^(?:os|posix|nt|posixpath|ntpath)\.(?:system|popen|exec\w*|spawn\w*|fork\w*|remove|unlink|rmdir|rename|kill|putenv|startfile)$/,
  /^(?:builtins|__builtin__)\.(?:eval|exec|execfile|compile|__import__|open|input|breakpoint|apply)$/,
  /^subprocess\.(?:Popen|run|call|check_call|check_output|getoutput|getstatusoutput)$/,
  /^(?:commands|pty|runpy|webbrowser|code|pdb|bdb|urllib\.request)\./,
  /^(?:importlib\.(?:import_module|reload|__import__)|sys\.(?:exit|modules|settrace|setprofile|_getframe))$/,
  /^(?:socket\.(?:socket|create_\w+)|requests\.(?:api\.)?[a-z]+|shutil\.(?:rmtree|move|copy\w*|chown|unpack_archive))$/,
  /^ctypes\.(?:\w*DLL|\w*dll|pythonapi|memmove|memset|string_at)$/,
];

/** Defines the meaning of names and calls in PyTorch's pickles: tensors, their storages, and nothing else. */
export const torchMeanings: Meanings = {
  global: (name) =>
    Object.hasOwn(functions, name)
      ? functions[name]
      : Object.hasOwn(storageTypes, name)
        ? storageTypes[name]
        : undefined,
  refuses: (name) => attacks.some((attack) => attack.test(name)),
  call: (callee, args) => Object.values(functions).find((known) => known === callee)?.(args),
  stored: storageOf,
};

/** Python 2 passes the items of an ordered dictionary to its constructor. */
function isPairs(value: unknown): value is [unknown, unknown][] {
  return Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2);
}

/**
 * @param id `('storage', type, key, device, length)`, in older files also with the view for a part of a storage; older
 *   files name the class of a pickled network as `('module', class, file, source)`
 */
function storageOf(id: unknown): Storage | PassedOver | undefined {
  if (!Array.isArray(id)) return undefined;
  const [word, given, key, , length, part = null] = id as unknown[];
  if (word === 'module' && given instanceof PassedOver) return given;
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
): TorchTensor | UnreadTensor | undefined {
  if (!isStorage(storage) || !isSize(offset) || !isSizes(shape) || !isSizes(strides)) return undefined;
  if (shape.length !== strides.length) return undefined;
  if (typeof storage.type.decode === 'string') return unread(storage.type.decode);
  return { kind: 'tensor', storage, offset, shape: [...shape], strides: [...strides] };
}

/**
 * Applies the flags that PyTorch keeps for a view: `neg`, which the imaginary part of a conjugate has, and `conj`,
 * which only affects complex numbers.
 */
function withBits(
  tensor: TorchTensor | UnreadTensor | undefined,
  bits: unknown,
): TorchTensor | UnreadTensor | undefined {
  if (!(bits instanceof Map) || !isTensor(tensor)) return tensor;
  const set = [...(bits as ReadonlyMap<unknown, unknown>)].filter(([, value]) => value !== false);
  if (set.length === 0) return tensor;
  const [[bit, value] = []] = set;
  const isNegative = set.length === 1 && bit === 'neg' && value === true;
  return isNegative ? { ...tensor, negative: true } : unread('a view with bits beside neg');
}

/** Whether a value is a tensor; anything else from a pickle is an array, a map, bytes, or not an object. */
export function isTensor(value: unknown): value is TorchTensor {
  return (value as { readonly kind?: unknown } | null | undefined)?.kind === 'tensor';
}

export function isUnread(value: unknown): value is UnreadTensor {
  return (value as { readonly kind?: unknown } | null | undefined)?.kind === 'unread';
}

export function isStorage(value: unknown): value is Storage {
  return (value as { readonly kind?: unknown } | null | undefined)?.kind === 'storage';
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isSize);
}
