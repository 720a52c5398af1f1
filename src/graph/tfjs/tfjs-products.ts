/** How convolutions, matrix products and pooling are written as operations of an exported graph. */
import { tf } from '../../core/tf';
import { tfjsAttr, type TfjsAttribute } from './tfjs-graph';
import type { TfjsRule, TfjsRecorder } from './tfjs-recorder';
import { Untraceable } from '../record/untraceable';

const T = { T: tfjsAttr.type('float32') };

export const pooling =
  (op: string): TfjsRule =>
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

export const convolution: TfjsRule = (
  to,
  { x, filter, bias },
  { strides, pad, dataFormat, dilations, ...others },
) => {
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

export const matrixProduct: TfjsRule = (to, { a, b, bias }, { transposeA, transposeB, activation }) => {
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

function pairOf(value: unknown): [number, number] {
  const [first, second = first] = [value].flat() as [number, number?];
  return [first, second];
}

function paddingOf(pad: unknown): 'valid' | 'same' {
  if (pad === 'valid' || pad === 'same') return pad;
  throw new Untraceable(`expected a padding of valid or same, found ${JSON.stringify(pad)}`);
}
