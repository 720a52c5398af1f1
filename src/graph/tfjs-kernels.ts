import { tf } from '../tf';
import { tfjsAttr, type TfjsAttribute, type TfjsType } from './tfjs-graph';
import type { TfjsRecorder } from './tfjs-recorder';
import { Untraceable } from './untraceable';

type Inputs = Readonly<Record<string, tf.TensorInfo>>;
type Attributes = Readonly<Record<string, unknown>>;
type Rule = (to: TfjsRecorder, inputs: Inputs, attributes: Attributes) => tf.TensorInfo | tf.TensorInfo[];

const T = { T: tfjsAttr.type('float32') };

/** An operation that changes each element for itself, under its name in TensorFlow. */
const unary =
  (op: string): Rule =>
  (to, inputs) => {
    const [x] = Object.values(inputs) as [tf.TensorInfo];
    return to.add(op, [x], T, x);
  };

const binary =
  (op: string, dtype?: 'bool'): Rule =>
  (to, { a, b }) => {
    const shape = tf.backend_util.assertAndGetBroadcastShape(a!.shape, b!.shape);
    return to.add(op, [a!, b!], T, { shape, dtype: dtype ?? a!.dtype });
  };

const reduction =
  (op: string): Rule =>
  (to, { x }, { axis, keepDims }) => {
    const axes = tf.util.parseAxisParam(axis as number | number[], x!.shape);
    const [kept] = tf.backend_util.computeOutAndReduceShapes(x!.shape, axes);
    const shape = keepDims ? tf.backend_util.expandShapeToKeepDim(kept, axes) : kept;
    const attributes = { ...T, keep_dims: tfjsAttr.bool(keepDims === true) };
    return to.add(op, [x!, to.ints(axes)], attributes, { shape, dtype: x!.dtype });
  };

const pooling =
  (op: string): Rule =>
  (to, { x }, { filterSize, strides, pad, dimRoundingMode }) => {
    const [size, steps] = [pairOf(filterSize), pairOf(strides)];
    const { outShape } = tf.backend_util.computePool2DInfo(
      x!.shape as [number, number, number, number],
      size,
      steps,
      1,
      paddingOf(pad),
      dimRoundingMode as 'floor' | undefined,
    );
    const attributes = {
      ...T,
      ksize: tfjsAttr.ints([1, ...size, 1]),
      strides: tfjsAttr.ints([1, ...steps, 1]),
      padding: tfjsAttr.string(paddingOf(pad).toUpperCase()),
      data_format: tfjsAttr.string('NHWC'),
    };
    return to.add(op, [x!], attributes, { shape: outShape, dtype: 'float32' });
  };

const convolution: Rule = (to, { x, filter, bias }, { strides, pad, dataFormat, dilations, ...others }) => {
  const [steps, apart] = [pairOf(strides), pairOf(dilations)];
  if (dataFormat !== 'NHWC') throw new Untraceable(`expected NHWC, found ${String(dataFormat)}`);
  const { outShape } = tf.backend_util.computeConv2DInfo(
    x!.shape as [number, number, number, number],
    filter!.shape as [number, number, number, number],
    steps,
    apart,
    paddingOf(pad),
  );
  const attributes = {
    ...T,
    strides: tfjsAttr.ints([1, ...steps, 1]),
    padding: tfjsAttr.string(paddingOf(pad).toUpperCase()),
    data_format: tfjsAttr.string('NHWC'),
    dilations: tfjsAttr.ints([1, ...apart, 1]),
  };
  return fused(to, 'Conv2D', [x!, filter!], bias, attributes, outShape, others['activation']);
};

const matrixProduct: Rule = (to, { a, b, bias }, { transposeA, transposeB, activation }) => {
  const rows = a!.shape.at(transposeA ? -1 : -2)!;
  const columns = b!.shape.at(transposeB ? -2 : -1)!;
  const outer = tf.backend_util.assertAndGetBroadcastShape(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
  const isFused = bias !== undefined;
  const attributes = {
    ...T,
    [isFused ? 'transpose_a' : 'adj_x']: tfjsAttr.bool(transposeA === true),
    [isFused ? 'transpose_b' : 'adj_y']: tfjsAttr.bool(transposeB === true),
  };
  return fused(
    to,
    isFused ? 'MatMul' : 'BatchMatMulV2',
    [a!, b!],
    bias,
    attributes,
    [...outer, rows, columns],
    activation,
  );
};

/** A product, with a bias and what follows it in one operation where there is a bias. */
function fused(
  to: TfjsRecorder,
  op: string,
  inputs: readonly tf.TensorInfo[],
  bias: tf.TensorInfo | undefined,
  attributes: Readonly<Record<string, TfjsAttribute>>,
  shape: readonly number[],
  activation: unknown = 'linear',
): tf.TensorInfo {
  const result = { shape: [...shape], dtype: 'float32' } as const;
  const after = activations[activation as string];
  if (after === undefined)
    throw new Untraceable(`expected linear or relu after ${op}, found ${String(activation)}`);
  if (!bias) {
    const product = to.add(op, inputs, attributes, result);
    return after === '' ? product : to.add(after, [product], T, result);
  }
  const operations = { fused_ops: tfjsAttr.strings(['BiasAdd', ...(after ? [after] : [])]) };
  const given = { ...attributes, ...operations, num_args: tfjsAttr.int(1), epsilon: tfjsAttr.float(0) };
  return to.add(`_Fused${op}`, [...inputs, bias], given, result);
}

const activations: Readonly<Record<string, string>> = { linear: '', relu: 'Relu' };

/** How each kernel of TensorFlow.js that our networks use is written down. */
export const tfjsKernels: Readonly<Record<string, Rule>> = {
  Add: binary('AddV2'),
  AvgPool: pooling('AvgPool'),
  BatchMatMul: matrixProduct,
  Cast: (to, { x }, { dtype }) => {
    if (dtype === x!.dtype) return to.standFor(to.outputOf(x!), x!.shape, x!.dtype);
    const attributes = {
      SrcT: tfjsAttr.type(x!.dtype as TfjsType),
      DstT: tfjsAttr.type(dtype as TfjsType),
    };
    return to.add('Cast', [x!], attributes, { shape: x!.shape, dtype: dtype as TfjsType });
  },
  Concat: (to, inputs, { axis }) => {
    const parts = Object.values(inputs);
    const [along] = tf.util.parseAxisParam(axis as number, parts[0]!.shape) as [number];
    const shape = tf.backend_util.computeOutShape(
      parts.map((part) => part.shape),
      along,
    );
    const attributes = { ...T, N: tfjsAttr.int(parts.length) };
    return to.add('ConcatV2', [...parts, to.ints([along], [])], attributes, { shape, dtype: 'float32' });
  },
  Conv2D: convolution,
  Equal: binary('Equal', 'bool'),
  ExpandDims: (to, { input }, { dim }) => {
    const at = (dim as number) < 0 ? input!.shape.length + (dim as number) + 1 : (dim as number);
    const shape = [...input!.shape.slice(0, at), 1, ...input!.shape.slice(at)];
    return to.add('ExpandDims', [input!, to.ints([at], [])], T, { shape, dtype: input!.dtype });
  },
  FusedBatchNorm: (to, { x, scale, offset, mean, variance }, { varianceEpsilon }) => {
    if (!scale || !offset)
      throw new Untraceable('expected a normalisation with gamma and beta, found another');
    const attributes = {
      ...T,
      epsilon: tfjsAttr.float(varianceEpsilon as number),
      is_training: tfjsAttr.bool(false),
      data_format: tfjsAttr.string('NHWC'),
    };
    return to.add('FusedBatchNormV3', [x!, scale, offset, mean!, variance!], attributes, x!);
  },
  FusedConv2D: convolution,
  Identity: (to, { x }) => to.standFor(to.outputOf(x!), x!.shape, x!.dtype),
  LRN: (to, { x }, { depthRadius, bias, alpha, beta }) => {
    const attributes = {
      ...T,
      depth_radius: tfjsAttr.int(depthRadius as number),
      bias: tfjsAttr.float(bias as number),
      alpha: tfjsAttr.float(alpha as number),
      beta: tfjsAttr.float(beta as number),
    };
    return to.add('LRN', [x!], attributes, x!);
  },
  MaxPool: pooling('MaxPool'),
  Maximum: binary('Maximum'),
  Mean: reduction('Mean'),
  Multiply: binary('Mul'),
  PadV2: (to, { x }, { paddings, constantValue }) => {
    const sides = paddings as [number, number][];
    const shape = x!.shape.map((side, axis) => side + sides[axis]![0] + sides[axis]![1]);
    const pads = to.ints(sides.flat(), [sides.length, 2]);
    return to.add('PadV2', [x!, pads, to.float(constantValue as number)], T, { shape, dtype: x!.dtype });
  },
  RealDiv: binary('RealDiv'),
  Relu: unary('Relu'),
  Reshape: (to, { x }, { shape: given }) => {
    const shape = tf.util.inferFromImplicitShape(given as number[], tf.util.sizeFromShape(x!.shape));
    return to.add('Reshape', [x!, to.ints(to.anyBatch(shape))], T, { shape, dtype: x!.dtype });
  },
  Select: (to, { condition, t, e }) => to.add('SelectV2', [condition!, t!, e!], T, t!),
  Slice: (to, { x }, { begin, size }) => {
    const [from, sides] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin as number[], size as number[]);
    const inputs = [x!, to.ints(from!), to.ints(to.anyBatch(sides!))];
    return to.add('Slice', inputs, T, { shape: sides!, dtype: x!.dtype });
  },
  Softmax: (to, { logits }, { dim }) => {
    if (dim !== logits!.shape.length - 1) throw new Untraceable('expected softmax over the last axis');
    return to.add('Softmax', [logits!], T, logits!);
  },
  SplitV: (to, { x }, { numOrSizeSplits, axis }) => {
    const [along] = tf.util.parseAxisParam(axis as number, x!.shape) as [number];
    const sizes = tf.backend_util.prepareSplitSize(
      x as tf.Tensor,
      numOrSizeSplits as number | number[],
      along,
    );
    const inputs = [x!, to.ints(sizes), to.ints([along], [])];
    const shapes = sizes.map((size) => x!.shape.map((side, at) => (at === along ? size : side)));
    const attributes = { ...T, num_split: tfjsAttr.int(sizes.length) };
    const first = to.add('SplitV', inputs, attributes, { shape: shapes[0]!, dtype: x!.dtype });
    const node = to.outputOf(first);
    return shapes.map((shape, index) =>
      index === 0 ? first : to.standFor(`${node}:${index}`, shape, x!.dtype),
    );
  },
  Sqrt: unary('Sqrt'),
  Square: unary('Square'),
  Sub: binary('Sub'),
  Sum: reduction('Sum'),
  Tanh: unary('Tanh'),
  Transpose: (to, { x }, { perm }) => {
    const order = perm as number[];
    const shape = order.map((axis) => x!.shape[axis]!);
    return to.add('Transpose', [x!, to.ints(order)], T, { shape, dtype: x!.dtype });
  },
  ZerosLike: unary('ZerosLike'),
  _FusedMatMul: matrixProduct,
};

function pairOf(value: unknown): [number, number] {
  const [first, second = first] = [value].flat() as [number, number?];
  return [first, second];
}

function paddingOf(pad: unknown): 'valid' | 'same' {
  if (pad === 'valid' || pad === 'same') return pad;
  throw new Untraceable(`expected a padding of valid or same, found ${JSON.stringify(pad)}`);
}
