/** TensorFlow graphs as bytes: the `GraphDef` protocol buffer and the attributes of its nodes. */
import { bytes, float, integer, joined, varint } from '../../core/io/protobuf';

/** TensorFlow's numbers for the element types that are used here (`types.proto`). */
export const elementTypes = { float32: 1, uint8: 4, int32: 3, bool: 10, bfloat16: 14, float16: 19 } as const;
export type ElementType = (typeof elementTypes)[keyof typeof elementTypes];

/** An attribute of a node, as the bytes of an `AttrValue`. */
export type AttrValue = Uint8Array;

/** One operation of a graph; an input is `node`, `node:output`, or `^node`, which only sets the order. */
export interface Node {
  readonly name: string;
  readonly op: string;
  /** May be changed until the graph is encoded. */
  inputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttrValue>>;
}

/** Makes attributes of each kind, as the bytes of an `AttrValue` (`attr_value.proto`). */
export const attr = {
  string: (value: string): AttrValue => bytes(2, value),
  int: (value: number): AttrValue => integer(3, value),
  float: (value: number): AttrValue => float(4, value),
  bool: (value: boolean): AttrValue => integer(5, value ? 1 : 0),
  type: (value: number): AttrValue => integer(6, value),
  shape: (value: readonly number[]): AttrValue => bytes(7, shapeOf(value)),
  tensor: (type: number, shape: readonly number[], data: Uint8Array): AttrValue =>
    bytes(8, joined([integer(1, type), bytes(2, shapeOf(shape)), bytes(4, data)])),
  ints: (values: readonly number[]): AttrValue => bytes(1, bytes(3, joined(values.map(varint)))),
  floats: (values: readonly number[]): AttrValue => bytes(1, joined(values.map((value) => float(4, value)))),
} as const;

/** A `GraphDef` of the nodes. */
export function encodeGraph(nodes: readonly Node[]): Uint8Array {
  // The producer's version: TensorFlow reads a graph without one by the rules of its release 0.
  const versions = bytes(4, integer(1, 2100));
  return joined([...nodes.map((node) => bytes(1, encodeNode(node))), versions]);
}

function encodeNode({ name, op, inputs, attributes }: Node): Uint8Array {
  return joined([
    bytes(1, name),
    bytes(2, op),
    ...inputs.map((input) => bytes(3, input)),
    ...Object.entries(attributes).map(([key, value]) => bytes(5, joined([bytes(1, key), bytes(2, value)]))),
  ]);
}

function shapeOf(sides: readonly number[]): Uint8Array {
  return joined(sides.map((side) => bytes(2, integer(1, side))));
}
