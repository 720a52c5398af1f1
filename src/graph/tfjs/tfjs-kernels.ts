/** How each kernel of TensorFlow.js is written as operations of an exported graph. */
import { tf } from '../../core/tf';
import { tfjsAttr, type TfjsType } from './tfjs-graph';
import { convolution, matrixProduct, pooling } from './tfjs-products';
import type { TfjsRule } from './tfjs-recorder';
import { Untraceable } from '../record/untraceable';

const T = { T: tfjsAttr.type('float32') };

/** An operation that changes each element by itself; `op` is its name in TensorFlow. */
const unary =
  (op: string): TfjsRule =>
  (to, inputs) => {
    const [x] = Object.values(inputs) as [tf.TensorInfo];
    return to.add(op, [x], T, x);
  };

const binary =
  (op: string, dtype?: 'bool'): TfjsRule =>
  (to, { a, b }) => {
    const shape = tf.backend_util.assertAndGetBroadcastShape(a!.shape, b!.shape);
    return to.add(op, [a!, b!], T, { shape, dtype: dtype ?? a!.dtype });
  };

const reduction =
  (op: string): TfjsRule =>
  (to, { x }, { axis, keepDims }) => {
    const axes = tf.util.parseAxisParam(axis as number | number[], x!.shape);
    const [kept] = tf.backend_util.computeOutAndReduceShapes(x!.shape, axes);
    const shape = keepDims ? tf.backend_util.expandShapeToKeepDim(kept, axes) : kept;
    const attributes = { ...T, keep_dims: tfjsAttr.bool(keepDims === true) };
    return to.add(op, [x!, to.ints(axes)], attributes, { shape, dtype: x!.dtype });
  };

/** The rule of each kernel of TensorFlow.js that our networks use. */
export const tfjsKernels: Readonly<Record<string, TfjsRule>> = {
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
