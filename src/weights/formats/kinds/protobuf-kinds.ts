/** Detects which program's protocol buffer messages a file holds: they look alike, and only Caffe's are read here. */
import { refusalOf } from '../../../core/errors';
import { varintAt, type WireType } from '../../../core/io/protobuf-fields';

export type ProtobufKind =
  'caffe' | 'blob' | 'solverState' | 'onnx' | 'savedModel' | 'coreml' | 'graphDef' | undefined;

interface Field {
  readonly field: number;
  readonly type: WireType;
  /** The value of a varint. */
  readonly value: number;
  /** The value of a bytes field, as far as it is available. */
  readonly bytes: Uint8Array;
}

/**
 * @param beginning the first bytes of the file
 * @param name the file's name in lower case, which distinguishes kinds that begin alike
 */
export function protobufKind(beginning: Uint8Array, name: string): ProtobufKind {
  const fields = fieldsIn(beginning);
  const [first, second] = fields;
  if (!first) return undefined;
  const begins = fields.map(({ field, type }) => `${field} ${type}`).join(', ');
  if (/^1 varint, 2 varint, 3 varint, 4 varint/.test(begins) || name.endsWith('.binaryproto')) return 'blob';
  // onnx.proto: ir_version, producer_name or graph. caffe.proto: iter, learned_net, history. Both begin with a number.
  if (first.field === 1 && first.type === 'varint') {
    if (name.endsWith('.mlmodel')) return 'coreml';
    const text = second?.field === 2 && second.type === 'bytes' ? textOf(second.bytes) : undefined;
    if (name.endsWith('.solverstate') || text?.endsWith('.caffemodel')) return 'solverState';
    // saved_model.proto: its version, 1, and a message; Core ML's Model: its version, a message.
    if (second?.field === 2 && text === undefined) return first.value === 1 ? 'savedModel' : 'coreml';
    return fields.slice(1).every(({ field }) => field <= 25) ? 'onnx' : undefined;
  }
  if (first.field === 1 && first.type === 'bytes') {
    const node = fieldsIn(first.bytes);
    const isNode =
      node.length > 1 &&
      node
        .slice(0, 2)
        .every(
          ({ field, type, bytes }, at) => field === at + 1 && type === 'bytes' && textOf(bytes) !== undefined,
        );
    if (isNode) return 'graphDef';
    return textOf(first.bytes) === undefined ? undefined : 'caffe';
  }
  // The first fields of a NetParameter without a name: a layer of either message type, and its inputs.
  return [
    '100 bytes',
    '2 bytes',
    '3 bytes',
    '4 varint',
    '5 varint',
    '6 bytes',
    '7 varint',
    '8 bytes',
  ].includes(`${first.field} ${first.type}`)
    ? 'caffe'
    : undefined;
}

/** The fields from the beginning up to the first invalid one. */
function fieldsIn(message: Uint8Array): readonly Field[] {
  const found: Field[] = [];
  const end = message.length;
  try {
    for (let at = 0; at < end && found.length < most;) {
      const tag = varintAt(message, at, end, refuse);
      const [field, type] = [Math.floor(tag.value / 8), types[tag.value % 8]];
      if (!type || field < 1) break;
      const given = type === 'varint' || type === 'bytes' ? varintAt(message, tag.end, end, refuse) : tag;
      const begin = type === 'varint' || type === 'bytes' ? given.end : tag.end;
      const size = type === 'bytes' ? given.value : type === 'fixed64' ? 8 : type === 'fixed32' ? 4 : 0;
      found.push({ field, type, value: given.value, bytes: message.subarray(begin, begin + size) });
      at = begin + size;
    }
  } catch {
    return found; // the beginning of the file may be cut off at any byte
  }
  return found;
}

const most = 8;
const refuse = refusalOf('a message');
const types: readonly (WireType | undefined)[] = [
  'varint',
  'fixed64',
  'bytes',
  undefined,
  undefined,
  'fixed32',
];

/** A name; undefined if the bytes are not one. */
function textOf(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes).toString('utf8');
  return /[\p{Cc}\ufffd]/u.test(text) ? undefined : text;
}
