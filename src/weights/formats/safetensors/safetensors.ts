/** The safetensors format: https://huggingface.co/docs/safetensors, little endian, row-major. */
import { elementCount } from '../../../core/shape';
import { UserError } from '../../../core/errors';
import { bfloat16ToFloat32 } from '../../../core/tensorflow/bfloat16';
import { float16ToFloat32 } from '../half-floats';
import { bytesPerElement, readHeader, type Entry, type StoredType } from './safetensors-header';

/** A tensor of a safetensors file. */
export type StoredTensor = {
  readonly name: string;
  readonly shape: readonly number[];
} & (
  | { readonly dtype: 'F32'; readonly data: Float32Array }
  /** Written alone: what is read becomes F32. */
  | { readonly dtype: 'F16'; readonly data: Uint16Array }
  | { readonly dtype: 'I32'; readonly data: Int32Array }
  | { readonly dtype: 'U8'; readonly data: Uint8Array }
  /** 0 or 1 for each element. */
  | { readonly dtype: 'BOOL'; readonly data: Uint8Array }
);

/** The content of a safetensors file. */
export interface Safetensors {
  /** In the order of their bytes; each name occurs once. */
  readonly tensors: readonly StoredTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** A tensor whose numbers are decoded only on request. */
export interface DescribedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** The type as stored in the file. */
  readonly stored: StoredType;
  /** @throws UserError when its type is not supported, or its numbers are not valid for the type */
  read(): StoredTensor;
}

/**
 * The content of a file. F64, F16 and BF16 become F32; whole numbers other than bytes become I32 if every value fits.
 * @param file its bytes, whose memory the tensors may share
 * @param where names the file in error messages
 * @throws UserError when the file is damaged or of an unsupported type
 */
export function parseSafetensors(file: Uint8Array, where = 'the data'): Safetensors {
  const { tensors, metadata } = describedTensors(file, where);
  return { tensors: tensors.map((tensor) => tensor.read()), metadata };
}

/**
 * The content of a file; each tensor is read separately.
 * @throws UserError when the file is damaged
 */
export function describedTensors(
  { buffer, byteOffset, length }: Uint8Array,
  where: string,
): { readonly tensors: readonly DescribedTensor[]; readonly metadata: Safetensors['metadata'] } {
  const file = new Uint8Array(buffer, byteOffset, length); // unlike this, slice of a Buffer would not copy
  const { entries, metadata } = readHeader(file, where);
  return {
    tensors: entries.map((entry) => ({
      name: entry.name,
      shape: entry.shape,
      stored: entry.dtype,
      read: () => tensorOf(file, entry, where),
    })),
    metadata,
  };
}

function tensorOf(file: Uint8Array, { name, dtype, shape, begin, end }: Entry, where: string): StoredTensor {
  const bytes = file.subarray(begin, end);
  const floats = (data: Float32Array) => ({ name, shape, dtype: 'F32' as const, data });
  const integers = (data: Int32Array) => ({ name, shape, dtype: 'I32' as const, data });
  switch (dtype) {
    case 'F32':
      return floats(new Float32Array(...aligned(bytes, dtype)));
    case 'F64':
      return floats(new Float32Array(new Float64Array(...aligned(bytes, dtype))));
    case 'F16':
      return floats(float16ToFloat32(new Uint16Array(...aligned(bytes, dtype))));
    case 'BF16':
      return floats(bfloat16ToFloat32(new Uint16Array(...aligned(bytes, dtype))));
    case 'I32':
      return integers(new Int32Array(...aligned(bytes, dtype)));
    case 'I64':
      return integers(narrowed(new BigInt64Array(...aligned(bytes, dtype)), name, dtype, where));
    case 'U64':
      return integers(narrowed(new BigUint64Array(...aligned(bytes, dtype)), name, dtype, where));
    case 'U32':
      return integers(narrowed(new Uint32Array(...aligned(bytes, dtype)), name, dtype, where));
    case 'I16':
      return integers(new Int32Array(new Int16Array(...aligned(bytes, dtype))));
    case 'U16':
      return integers(new Int32Array(new Uint16Array(...aligned(bytes, dtype))));
    case 'I8':
      return integers(new Int32Array(new Int8Array(...aligned(bytes, dtype))));
    case 'U8':
      return { name, shape, dtype, data: bytes };
    case 'BOOL':
      if (bytes.some((value) => value > 1)) {
        throw new UserError(
          `${where}: expected 0 or 1 in the BOOL tensor ${JSON.stringify(name)}, found other bytes`,
        );
      }
      return { name, shape, dtype, data: bytes };
    case 'F8_E4M3':
    case 'F8_E5M2':
      throw new UserError(
        `${where}: expected numbers of at least 16 bits in the tensor ${JSON.stringify(name)}, found ${dtype}, which is not read here`,
      );
    default:
      return dtype satisfies never;
  }
}

/** The elements' location in memory; they are copied if they do not begin at a multiple of their size. */
function aligned(bytes: Uint8Array, dtype: Entry['dtype']): [ArrayBuffer, number, number] {
  const size = bytesPerElement[dtype];
  const whole = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return [whole.buffer as ArrayBuffer, whole.byteOffset, whole.length / size];
}

function narrowed(
  wide: BigInt64Array | BigUint64Array | Uint32Array,
  name: string,
  dtype: Entry['dtype'],
  where: string,
): Int32Array {
  const narrow = new Int32Array(wide.length);
  for (const [at, value] of wide.entries()) {
    narrow[at] = Number(value);
    if (narrow[at] === Number(value)) continue;
    throw new UserError(
      `${where}: expected numbers within 32 bits in the ${dtype} tensor ${JSON.stringify(name)}, found ${value}`,
    );
  }
  return narrow;
}

/**
 * The bytes of a file that holds these tensors: 4-byte types first so that all data are aligned, otherwise in the given
 * order. The same tensors and metadata always give the same bytes.
 * @throws RangeError when the size of a shape differs from that of its data, or a name is not unique
 */
export function encodeSafetensors(
  tensors: readonly StoredTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let offset = 0;
  const ordered = [...tensors].sort((a, b) => bytesPerElement[b.dtype] - bytesPerElement[a.dtype]);
  for (const { name, dtype, shape, data } of ordered) {
    const elements = elementCount(shape);
    if (data.length !== elements) {
      throw new RangeError(
        `expected ${elements} elements in tensor ${name} of [${shape}], found ${data.length}`,
      );
    }
    if (name in header) throw new RangeError(`expected tensors of different names, found ${name} twice`);
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const begin = 8 + Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(begin + offset).fill(0x20, 0, begin); // blanks after the header
  new DataView(file.buffer).setBigUint64(0, BigInt(begin - 8), true);
  file.set(json, 8);
  let end = begin;
  for (const { data } of ordered) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), end);
    end += data.byteLength;
  }
  return file;
}
