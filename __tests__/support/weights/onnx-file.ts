/** ONNX's ModelProto by hand, field by field as onnx/onnx.proto numbers them. */
import { bytes, float, integer, joined } from '../../../src/core/io/protobuf';

/** A model of one graph, by the graph's fields. */
export function onnxModel(...graph: readonly Uint8Array[]): Uint8Array {
  return joined([integer(1, 8), bytes(2, 'hand'), bytes(7, joined(graph))]);
}

/** @param settings a node's attributes, by `set` */
export function node(
  op: string,
  inputs: readonly string[],
  output: string,
  ...settings: readonly Uint8Array[]
): Uint8Array {
  const ends = [...inputs.map((input) => bytes(1, input)), bytes(2, output)];
  return bytes(1, joined([...ends, bytes(4, op), ...settings]));
}

/** One setting of a node, by the field of what it holds. */
export const set = {
  int: (name: string, value: number) => bytes(5, joined([bytes(1, name), integer(3, value)])),
  ints: (name: string, ...values: readonly number[]) =>
    bytes(5, joined([bytes(1, name), ...values.map((value) => integer(8, value))])),
  float: (name: string, value: number) => bytes(5, joined([bytes(1, name), float(2, value)])),
} as const;

/** An initialiser of float32, by its further fields. */
export function tensor(name: string, dims: readonly number[], ...fields: readonly Uint8Array[]): Uint8Array {
  const shape = dims.map((side) => integer(1, side));
  return bytes(5, joined([...shape, integer(2, 1), bytes(8, name), ...fields]));
}

/** Of a tensor: as many zeros. */
export const zeros = (count: number) => bytes(9, new Uint8Array(4 * count));

/** Of a tensor whose numbers lie in another file: where. */
export const external = (key: string, value: string) => bytes(13, joined([bytes(1, key), bytes(2, value)]));

export const input = (name: string) => bytes(11, bytes(1, name));
export const output = (name: string) => bytes(12, bytes(1, name));
