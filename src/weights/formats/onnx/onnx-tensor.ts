/** One tensor of an ONNX file: a TensorProto of onnx.proto, whose numbers lie in the file or in one beside it. */
import { open, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import { bounds } from '../../../core/bounds';
import { messageOf, printable, quoted, type Refuse } from '../../../core/errors';
import { elementCount } from '../../../core/shape';
import { forEachField, varintAt } from '../../../core/io/protobuf-fields';
import { bfloat16ToFloat32 } from '../../../core/tensorflow/bfloat16';
import { float16ToFloat32 } from '../half-floats';
import { Message, type FieldBudget } from '../protobuf-message';

/** Numbers of the fields of TensorProto. */
const fields = {
  dims: 1,
  type: 2,
  floats: 4,
  int32s: 5,
  int64s: 7,
  name: 8,
  raw: 9,
  doubles: 10,
  external: 13,
  location: 14,
} as const;

/** The types of TensorProto.DataType that are read, by their numbers: bytes of an element, and whether it is whole. */
const types: Readonly<
  Record<number, { readonly name: string; readonly size: number; readonly whole: boolean }>
> = {
  1: { name: 'float', size: 4, whole: false },
  2: { name: 'uint8', size: 1, whole: true },
  3: { name: 'int8', size: 1, whole: true },
  4: { name: 'uint16', size: 2, whole: true },
  5: { name: 'int16', size: 2, whole: true },
  6: { name: 'int32', size: 4, whole: true },
  7: { name: 'int64', size: 8, whole: true },
  9: { name: 'bool', size: 1, whole: true },
  10: { name: 'float16', size: 2, whole: false },
  11: { name: 'double', size: 8, whole: false },
  16: { name: 'bfloat16', size: 2, whole: false },
};

/** A tensor whose numbers are read on request. */
export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** The file's name for the type. */
  readonly type: string;
  readonly whole: boolean;
  /** @throws UserError when they are damaged */
  values(): Promise<Float32Array>;
  /** The same at once; undefined if there are more than a few, or they lie in another file. */
  few(): readonly number[] | undefined;
}

/** Shapes, axes and margins have fewer. */
const mostOfFew = 64;

/** Reads tensors of one file. */
export class OnnxTensors {
  /** @param folder where further files with numbers lie */
  constructor(
    private readonly file: Uint8Array,
    private readonly folder: string,
    private readonly budget: FieldBudget,
    private readonly refuse: Refuse,
  ) {}

  /** The tensor of a message between two bytes of the file. */
  tensor(begin: number, end: number): OnnxTensor {
    const { refuse } = this;
    const payload = [fields.floats, fields.int32s, fields.int64s, fields.doubles];
    const message = new Message(this.file, begin, end, this.budget, refuse, payload);
    const name = message.texts(fields.name).at(-1) ?? '';
    const shape = message.signed(fields.dims);
    if (shape.length > bounds.onnx.axes || !shape.every((side) => Number.isSafeInteger(side) && side >= 0))
      refuse(`a shape of at most ${bounds.onnx.axes} axes of ${quoted(name)}`, printable(shape.join(', ')));
    const number = message.integer(fields.type) ?? 0;
    const type = types[number];
    if (!type) {
      const values = async () =>
        refuse(`numbers in ${quoted(name)}`, `the type ${number}, which is not read here`);
      return { name, shape, type: `type ${number}`, whole: true, values, few: () => undefined };
    }
    const elements = elementCount(shape);
    const bytes = elements * type.size;
    if (!Number.isSafeInteger(bytes)) refuse(`sizes within 2^53 of ${quoted(name)}`, String(bytes));
    const { name: typeName, whole } = type;
    const known = { name, shape, type: typeName, whole };
    if (message.integer(fields.location) === 1) {
      const place = this.external(message, name);
      const values = async () => decoded(await this.outside(place, bytes, name), number);
      return { ...known, values, few: () => undefined };
    }
    const raw = message.places(fields.raw).at(-1);
    if (raw && raw.end - raw.begin !== bytes && !(raw.end === raw.begin && elements > 0))
      refuse(`${bytes} bytes in ${quoted(name)}, as its shape says`, String(raw.end - raw.begin));
    const read = () =>
      raw && (raw.end > raw.begin || elements === 0)
        ? decoded(this.file.slice(raw.begin, raw.end), number)
        : this.listed(begin, end, number, elements, name);
    let found: readonly number[] | undefined;
    const few = () => (elements > mostOfFew ? undefined : (found ??= [...read()]));
    return { ...known, values: async () => read(), few };
  }

  /** Numbers in fields of their own kind, one a field or packed. */
  private listed(begin: number, end: number, type: number, elements: number, name: string): Float32Array {
    const field =
      type === 1 ? fields.floats : type === 11 ? fields.doubles : type === 7 ? fields.int64s : fields.int32s;
    const places = new Places(this.file, begin, end, field, this.refuse);
    const count = places.count();
    if (count !== elements)
      this.refuse(`${elements} numbers in ${quoted(name)}, as its shape says`, String(count));
    const numbers = places.numbers(elements);
    if (type !== 10 && type !== 16) return Float32Array.from(numbers);
    const bits = Uint16Array.from(numbers);
    return type === 10 ? float16ToFloat32(bits) : bfloat16ToFloat32(bits);
  }

  private external(message: Message, name: string): External {
    const entries = new Map(
      message
        .messages(fields.external)
        .map((entry) => [entry.texts(1).at(-1) ?? '', entry.texts(2).at(-1) ?? ''] as const),
    );
    const location = entries.get('location') ?? '';
    const steps = location.split(/[/\\]/);
    if (location === '' || isAbsolute(location) || /[\\:\0]/.test(location) || steps.includes('..'))
      this.refuse(`the numbers of ${quoted(name)} in a file of the same folder`, quoted(location));
    const number = (key: string): number | undefined => {
      const text = entries.get(key);
      if (text === undefined) return undefined;
      const value = Number(text);
      return /^\d{1,15}$/.test(text)
        ? value
        : this.refuse(`a whole number as the ${key} of ${quoted(name)}`, quoted(text));
    };
    return { location, offset: number('offset') ?? 0, length: number('length') };
  }

  private async outside(
    { location, offset, length }: External,
    bytes: number,
    name: string,
  ): Promise<Uint8Array> {
    const { refuse, folder } = this;
    if (length !== undefined && length !== bytes)
      refuse(`${bytes} bytes in ${quoted(name)}, as its shape says`, String(length));
    const path = join(folder, location);
    const where = `a file ${printable(location)} beside it with the numbers of ${quoted(name)}`;
    const found = await realpath(path).catch((error: unknown) => refuse(where, messageOf(error)));
    const root = await realpath(folder);
    if (!found.startsWith(root.endsWith(sep) ? root : `${root}${sep}`))
      refuse(where, `a link that leads out of the folder, to ${printable(found)}`);
    const facts = await stat(found);
    if (!facts.isFile()) refuse(where, 'something else of that name');
    if (offset + bytes > facts.size)
      refuse(`${bytes} bytes from byte ${offset} of ${printable(location)} on`, `a file of ${facts.size}`);
    const file = await open(found);
    try {
      const content = new Uint8Array(bytes);
      const { bytesRead } = await file.read(content, 0, bytes, offset);
      if (bytesRead !== bytes) refuse(`${bytes} bytes of ${printable(location)}`, String(bytesRead));
      return content;
    } finally {
      await file.close();
    }
  }
}

interface External {
  readonly location: string;
  readonly offset: number;
  readonly length: number | undefined;
}

/** @param bytes starting at offset 0 of their memory */
function decoded(bytes: Uint8Array, type: number): Float32Array {
  const { buffer } = bytes;
  switch (type) {
    case 1:
      return new Float32Array(buffer as ArrayBuffer);
    case 3:
      return new Float32Array(new Int8Array(buffer));
    case 4:
      return new Float32Array(new Uint16Array(buffer));
    case 5:
      return new Float32Array(new Int16Array(buffer));
    case 6:
      return new Float32Array(new Int32Array(buffer));
    case 7:
      return Float32Array.from(new BigInt64Array(buffer), Number);
    case 10:
      return float16ToFloat32(new Uint16Array(buffer));
    case 11:
      return new Float32Array(new Float64Array(buffer));
    case 16:
      return bfloat16ToFloat32(new Uint16Array(buffer));
    default:
      return new Float32Array(bytes);
  }
}

/** The numbers of one field of a message, wherever it occurs. */
class Places {
  constructor(
    private readonly file: Uint8Array,
    private readonly begin: number,
    private readonly end: number,
    private readonly field: number,
    private readonly refuse: Refuse,
  ) {}

  count(): number {
    let count = 0;
    this.each(() => void count++);
    return count;
  }

  numbers(count: number): Float64Array {
    const numbers = new Float64Array(count);
    let at = 0;
    this.each((value) => {
      numbers[at++] = value;
    });
    return numbers;
  }

  private each(visit: (value: number) => void): void {
    const { file, field, refuse } = this;
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    forEachField(
      file,
      this.begin,
      this.end,
      (number, type, from, to) => {
        if (number !== field) return;
        if (field === fields.floats)
          for (let at = from; at + 4 <= to; at += 4) visit(view.getFloat32(at, true));
        else if (field === fields.doubles)
          for (let at = from; at + 8 <= to; at += 8) visit(view.getFloat64(at, true));
        else if (type === 'varint' || type === 'bytes')
          for (let at = from; at < to;) {
            const { value, end } = varintAt(file, at, to, refuse);
            visit(value >= 2 ** 63 ? value - 2 ** 64 : value);
            at = end;
          }
      },
      refuse,
    );
  }
}
