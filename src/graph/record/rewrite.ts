/** Faster nodes for operations that TensorFlow.js asks for while a graph is recorded. */
import { elementCount } from '../../core/shape';
import { bytesOf, type GraphBuilder, type Ref } from '../session/builder';
import { attr, elementTypes } from '../session/graph-def';
import type { OpAttribute } from '../../core/tensorflow/native';

/** An operation that was computed while a graph is recorded. */
export interface Operation {
  readonly op: string;
  readonly attributes: readonly OpAttribute[];
  readonly inputs: readonly Ref[];
  /** The shape of its first output. */
  readonly shape: readonly number[];
  /** The whole numbers in one of its inputs, such as the axes of a sum. */
  numbersOf(input: number): readonly number[];
}

const float = elementTypes.float32;

/** Products of fewer multiplications than this start sooner as `MatMul` than as `BatchMatMulV2`. */
const small = 2 ** 22;

/**
 * Adds nodes that compute the same as an operation faster; null where there is no faster way. The values differ at most
 * in the order of their sums.
 */
export function rewritten(builder: GraphBuilder, operation: Operation): Ref | null {
  if (operation.inputs[0]?.type !== float && operation.op !== 'Conv2DBackpropInput') return null;
  switch (operation.op) {
    case 'Conv2D':
    case 'Conv2DBackpropFilter':
    case 'Conv2DBackpropInput':
      return convolutionAtOnePlace(builder, operation);
    case 'Sum':
      return sumToVector(builder, operation);
    case 'BatchMatMulV2':
      return oneProduct(builder, operation);
    case 'Add':
    case 'AddV2':
      return biasSum(builder, operation);
    case 'Cast':
      return ofSameType(operation);
    default:
      return null;
  }
}

/** A convolution whose kernel is as large as its input is a product of matrices, and so are its derivatives. */
function convolutionAtOnePlace(
  builder: GraphBuilder,
  { op, attributes, inputs, shape }: Operation,
): Ref | null {
  const of = (name: string) => attributes.find((attribute) => attribute.name === name)?.value;
  if (of('padding') !== 'VALID') return null;
  const product = (a: Ref, b: Ref, transpose: { readonly a?: boolean; readonly b?: boolean }) =>
    reshaped(builder, matMul(builder, a, b, transpose), shape);
  const rows = (tensor: Ref) => reshaped(builder, tensor, [tensor.shape[0]!, sizeOf(tensor.shape.slice(1))]);
  const kernelMatrix = (kernel: Ref) =>
    reshaped(builder, kernel, [sizeOf(kernel.shape.slice(0, 3)), kernel.shape[3]!]);
  switch (op) {
    case 'Conv2D': {
      const [image, kernel] = inputs as [Ref, Ref];
      return covers(kernel.shape, image.shape) ? product(rows(image), kernelMatrix(kernel), {}) : null;
    }
    case 'Conv2DBackpropFilter': {
      const [image, , slopes] = inputs as [Ref, Ref, Ref];
      return covers(shape, image.shape) ? product(rows(image), rows(slopes), { a: true }) : null;
    }
    default: {
      const [, kernel, slopes] = inputs as [Ref, Ref, Ref];
      return covers(kernel.shape, shape) ? product(rows(slopes), kernelMatrix(kernel), { b: true }) : null;
    }
  }
}

/** Whether a kernel `[height, width, in, out]` is as large as images `[batch, height, width, in]` and has no groups. */
function covers(kernel: readonly number[], images: readonly number[]): boolean {
  return [0, 1, 2].every((axis) => kernel[axis] === images[axis + 1]);
}

/** The sum over all axes but the last, as biases' gradients are. */
function sumToVector(builder: GraphBuilder, { inputs, shape, numbersOf }: Operation): Ref | null {
  const [x] = inputs as [Ref];
  const rank = x.shape.length;
  if (rank < 2 || rank > 5 || shape.length !== 1) return null;
  const axes = numbersOf(1).map((axis) => (axis < 0 ? axis + rank : axis));
  if (axes.length !== rank - 1 || axes.includes(rank - 1)) return null;
  const attributes = { T: attr.type(float), data_format: attr.string('NHWC') };
  return builder.add('BiasAddGrad', [x.name], attributes, { shape, type: float });
}

/** A vector that is added along the last axis. */
function biasSum(builder: GraphBuilder, { inputs, shape }: Operation): Ref | null {
  const [x, bias] = inputs as [Ref, Ref];
  const maps = x.shape.at(-1);
  if (x.shape.length < 2 || x.shape.length > 5 || bias.shape.join() !== String(maps)) return null;
  const attributes = { T: attr.type(float), data_format: attr.string('NHWC') };
  return builder.add('BiasAdd', [x.name, bias.name], attributes, { shape, type: float });
}

function ofSameType({ attributes, inputs }: Operation): Ref | null {
  const wanted = attributes.find(({ name }) => name === 'DstT')?.value;
  return wanted === inputs[0]!.type ? inputs[0]! : null;
}

function oneProduct(builder: GraphBuilder, { attributes, inputs, shape }: Operation): Ref | null {
  const [a, b] = inputs as [Ref, Ref];
  if ([a, b].some((tensor) => sizeOf(tensor.shape.slice(0, -2)) !== 1)) return null;
  const of = (name: string) => attributes.find((attribute) => attribute.name === name)?.value === true;
  const transpose = { a: of('adj_x'), b: of('adj_y') };
  const multiplications = sizeOf(shape) * a.shape.at(transpose.a ? -2 : -1)!;
  if (multiplications >= small) return null;
  const [left, right] = [a, b].map((tensor) => reshaped(builder, tensor, tensor.shape.slice(-2)));
  return reshaped(builder, matMul(builder, left!, right!, transpose), shape);
}

function matMul(
  builder: GraphBuilder,
  a: Ref,
  b: Ref,
  transpose: { readonly a?: boolean; readonly b?: boolean },
): Ref {
  const attributes = {
    T: attr.type(float),
    transpose_a: attr.bool(transpose.a ?? false),
    transpose_b: attr.bool(transpose.b ?? false),
  };
  const shape = [a.shape[transpose.a ? 1 : 0]!, b.shape[transpose.b ? 0 : 1]!];
  return builder.add('MatMul', [a.name, b.name], attributes, { shape, type: float });
}

function reshaped(builder: GraphBuilder, tensor: Ref, shape: readonly number[]): Ref {
  if (tensor.shape.join() === shape.join()) return tensor;
  const sides = builder.constant(bytesOf(Int32Array.from(shape)), [shape.length], elementTypes.int32);
  const attributes = { T: attr.type(tensor.type), Tshape: attr.type(elementTypes.int32) };
  return builder.add('Reshape', [tensor.name, sides.name], attributes, { shape, type: tensor.type });
}

function sizeOf(shape: readonly number[]): number {
  return elementCount(shape);
}
