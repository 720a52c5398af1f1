/** ONNX files made to fill the memory or to take hours. */
import { joined, bytes, integer } from '../../src/core/io/protobuf';
import {
  input,
  node,
  onnxModel,
  output,
  set,
  tensor,
  zeros,
} from '../../__tests__/support/weights/onnx-file';
import type { Bomb } from './bombs';

const times = <T>(count: number, make: (at: number) => T) =>
  Array.from({ length: count }, (_, at) => make(at));
/** The same few bytes again and again. */
const many = (unit: readonly number[], count: number) => Buffer.alloc(unit.length * count, Buffer.from(unit));
const file = (...graph: readonly Uint8Array[]) => ({ file: onnxModel(...graph) });
const kernel = (name: string) => tensor(name, [2, 2], zeros(4));
/** A layer with weights, so that a file is not refused for having none. */
const layer = (from: string, to: string) => [kernel(`${to}_k`), node('Gemm', [from, `${to}_k`], to)];

/** A graph inside a setting of a node, inside a setting, and so on: its bytes, built from the inside. */
function graphsInGraphs(deep: number): Uint8Array {
  let inner: Uint8Array = new Uint8Array();
  for (let at = 0; at < deep; at++) inner = bytes(1, bytes(5, joined([bytes(1, 'body'), bytes(6, inner)])));
  return inner;
}

export const onnxBombs = {
  '120,000 tensors of nothing': {
    reader: 'ONNX',
    refusal: /at most 100000 tensors, found more$/,
    files: () => file(joined(times(120_000, (at) => tensor(String(at), [0])))),
  },
  '30,000 nodes': {
    reader: 'ONNX',
    refusal: /at most 20000 nodes, found 30000$/,
    files: () => file(many([0x0a, 0], 30_000)),
  },
  'a node of 1,100,000 settings': {
    reader: 'ONNX',
    refusal: /at most 1000000 settings of layers, found more$/,
    files: () => file(bytes(1, many([0x2a, 0], 1_100_000))),
  },
  'a name of a tensor that takes 65,535 bytes': {
    reader: 'ONNX',
    refusal: /a name of at most 10000 bytes, found 65535$/,
    files: () => file(tensor('a'.repeat(65_535), [1])),
  },
  'a kernel of 2^50 numbers that are not there': {
    reader: 'ONNX',
    refusal: /expected 1125899906842624 numbers in "a", as its shape says, found 0$/,
    files: () => file(tensor('a', [2 ** 25, 2 ** 25]), node('MatMul', ['x', 'a'], 'y'), output('y')),
  },
  'scales of scales of scales, each used three times': {
    reader: 'ONNX',
    refusal: /expected layers with weights, found none$/,
    files: () =>
      file(
        tensor('q0', [1], zeros(1)),
        ...times(16, (at) => node('DequantizeLinear', [`q${at}`, `q${at}`, `q${at}`], `q${at + 1}`)),
        ...times(19_000, (at) => node('Gemm', ['x', 'q16'], `y${at}`)),
      ),
  },
  '19,000 kernels whose shape is one of 16 shapes of shapes': {
    reader: 'ONNX',
    refusal: null,
    files: () =>
      file(
        tensor('s0', [2], zeros(2)),
        ...times(15, (at) => node('Reshape', [`s${at}`, `s${at}`], `s${at + 1}`)),
        kernel('k'),
        ...times(19_000, (at) => node('Reshape', ['k', 's15'], `k${at}`)),
        ...layer('x', 'y'),
        output('y'),
      ),
  },
  'a shape in 4 million empty fields that 19,000 nodes read': {
    reader: 'ONNX',
    refusal: null,
    files: () => {
      const shape = joined([
        integer(1, 2),
        integer(2, 7),
        bytes(8, 's'),
        many([0x3a, 0], 4_000_000),
        bytes(7, Uint8Array.of(1, 4)),
      ]);
      return file(
        bytes(5, shape),
        input('x0'),
        ...times(19_000, (at) => node('Reshape', [`x${at}`, 's'], `x${at + 1}`)),
        ...layer('x19000', 'y'),
        output('y'),
      );
    },
  },
  '16 transposes of one kernel of 4 MB': {
    reader: 'ONNX',
    refusal: null,
    files: () =>
      file(
        tensor('t0', [1024, 1024], zeros(2 ** 20)),
        ...times(16, (at) => node('Transpose', [`t${at}`], `t${at + 1}`)),
        node('Gemm', ['x', 't16'], 'y'),
        output('y'),
      ),
  },
  'a graph in a graph, 2,000 deep': {
    reader: 'ONNX',
    refusal: null,
    files: () => file(graphsInGraphs(2000), ...layer('x', 'y'), output('y')),
  },
  'a layer whose 19,000 steps below go in a circle': {
    reader: 'ONNX, with its layers',
    refusal: /expected/,
    files: () =>
      file(
        ...times(18_999, (at) => node('Identity', [`i${at}`], `i${at + 1}`)),
        node('Identity', ['i18999'], 'i0'),
        ...layer('i0', 'y'),
        output('y'),
      ),
  },
  '9,000 outputs at the end of 9,000 steps': {
    reader: 'ONNX, with its layers',
    refusal: /expected/,
    files: () =>
      file(
        input('i0'),
        ...times(9000, (at) => node('Identity', [`i${at}`], `i${at + 1}`)),
        ...layer('i9000', 'y'),
        ...times(9000, (at) => node('Relu', ['y'], `o${at}`)),
        ...times(9000, (at) => output(`o${at}`)),
      ),
  },
  '9,000 poolings before a layer, of which each commutes with each step': {
    reader: 'ONNX, with its layers',
    refusal: /expected/,
    files: () =>
      file(
        input('p0'),
        ...times(9000, (at) => node('MaxPool', [`p${at}`], `p${at + 1}`, set.ints('kernel_shape', 2, 2))),
        ...times(9000, (at) => node('Relu', [at === 0 ? 'p9000' : `r${at}`], `r${at + 1}`)),
        ...layer('r9000', 'y'),
        output('y'),
      ),
  },
  'a sum of 150,000 inputs that are constants': {
    reader: 'ONNX, with its layers',
    refusal: /expected/,
    files: () =>
      file(
        kernel('k'),
        node('Sum', [...times(150_000, () => 'k'), 'y'], 'z'),
        node('Relu', ['z'], 'w'),
        ...layer('z', 'y'),
        output('w'),
      ),
  },
} as const satisfies Readonly<Record<string, Bomb>>;
