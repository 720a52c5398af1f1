/** The messages of ONNX's files (onnx.proto3), encoded as protocol buffers. */
import { bytes, float, integer, joined } from '../../../core/io/protobuf';

/** The element types that are written, by their numbers in `TensorProto.DataType`. */
export const onnxTypes = { float32: 1, int8: 3, int64: 7, float16: 10 } as const;
export type OnnxType = keyof typeof onnxTypes;

const elementBytes: Readonly<Record<OnnxType, number>> = { float32: 4, int8: 1, int64: 8, float16: 2 };

/** A tensor of the file whose elements are asked for when they are written. */
export interface OnnxInitialiser {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: OnnxType;
  /** The elements, row-major and little-endian. */
  content(): Promise<Uint8Array>;
}

/** A setting of a node: a whole number, a list of them, or a number with a fraction. */
export type OnnxAttribute =
  { readonly int: number } | { readonly ints: readonly number[] } | { readonly float: number };

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  /** The name of the output, and of the node. */
  readonly output: string;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** An input or output of the graph; a name in the shape stands for any size. */
export interface OnnxEnd {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

/** A whole model, in the order in which its parts are written. */
export interface OnnxModel {
  readonly producer: string;
  readonly version: string;
  readonly opset: number;
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initialisers: readonly OnnxInitialiser[];
  readonly inputs: readonly OnnxEnd[];
  readonly outputs: readonly OnnxEnd[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The version of the format that came with opset 17 (ONNX 1.12). */
const irVersion = 8;

/** The bytes of a model's file, in parts, with one tensor's elements in memory at a time. */
export async function* onnxParts(model: OnnxModel): AsyncGenerator<Uint8Array> {
  const before = joined([
    bytes(2, model.name),
    ...model.nodes.map((node) => bytes(1, nodeMessage(node))),
    ...model.inputs.map((end) => bytes(11, endMessage(end))),
    ...model.outputs.map((end) => bytes(12, endMessage(end))),
  ]);
  const heads = model.initialisers.map(tensorHead);
  const size = heads.reduce((sum, { head, content }) => sum + head.length + content, before.length);
  yield joined([
    integer(1, irVersion),
    bytes(2, model.producer),
    bytes(3, model.version),
    bytes(8, integer(2, model.opset)),
    ...Object.entries(model.metadata).map(([key, value]) =>
      bytes(14, joined([bytes(1, key), bytes(2, value)])),
    ),
    bytesHead(7, size),
    before,
  ]);
  for (const [index, initialiser] of model.initialisers.entries()) {
    const { head, content: expected } = heads[index]!;
    yield head;
    const content = await initialiser.content();
    if (content.length !== expected)
      throw new Error(`${initialiser.name}: expected ${expected} bytes, found ${content.length}`);
    yield content;
  }
}

/** A tensor up to its elements, which are its last field, and how many bytes those take. */
function tensorHead({ name, shape, type }: OnnxInitialiser) {
  const content = shape.reduce((product, side) => product * side, elementBytes[type]);
  const fields = joined([
    ...shape.map((side) => integer(1, side)),
    integer(2, onnxTypes[type]),
    bytes(8, name),
    bytesHead(9, content),
  ]);
  return { head: joined([bytesHead(5, fields.length + content), fields]), content };
}

/** The beginning of a field of bytes: `bytes` without its content. */
function bytesHead(field: number, length: number): Uint8Array {
  return integer(field, length).map((byte, at) => (at === 0 && field < 16 ? byte | 2 : byte));
}

function nodeMessage({ op, inputs, output, attributes }: OnnxNode): Uint8Array {
  return joined([
    ...inputs.map((input) => bytes(1, input)),
    bytes(2, output),
    bytes(3, output),
    bytes(4, op),
    ...Object.entries(attributes).map(([name, attribute]) => bytes(5, attributeMessage(name, attribute))),
  ]);
}

/** The numbers of `AttributeProto.AttributeType`. */
const attributeTypes = { float: 1, int: 2, ints: 7 } as const;

function attributeMessage(name: string, attribute: OnnxAttribute): Uint8Array {
  const kind = (type: keyof typeof attributeTypes) => integer(20, attributeTypes[type]);
  if ('float' in attribute) return joined([bytes(1, name), float(2, attribute.float), kind('float')]);
  if ('int' in attribute) return joined([bytes(1, name), integer(3, attribute.int), kind('int')]);
  return joined([bytes(1, name), ...attribute.ints.map((value) => integer(8, value)), kind('ints')]);
}

function endMessage({ name, shape }: OnnxEnd): Uint8Array {
  const sides = shape.map((side) => bytes(1, typeof side === 'string' ? bytes(2, side) : integer(1, side)));
  const tensor = joined([integer(1, onnxTypes.float32), bytes(2, joined(sides))]);
  return joined([bytes(1, name), bytes(2, bytes(1, tensor))]);
}
