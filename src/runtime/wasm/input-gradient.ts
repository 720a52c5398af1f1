/** The gradient of a convolution with respect to its images, for the wasm backend. */
import { tf } from '../../core/tf';
import { composition, matrixForm, view, type RunKernel, type WasmKernel } from './composition';

interface Inputs {
  /** Derivatives of the outputs `[N, P, Q, F]`. */
  readonly dy: tf.TensorInfo;
  /** `[height, width, C, F]`. */
  readonly filter: tf.TensorInfo;
}
type InputGradient = WasmKernel<Inputs, tf.Conv2DBackpropInputAttrs>;

/**
 * The derivative of a convolution of stride s with respect to its images `[N, H, W, C]`: dy, with s − 1 zeros
 * after each row and column, convolved with the filter turned by 180° and with its channels swapped.
 * @param original plain loops, used if this form would have to crop, or would multiply mostly zeros
 */
export function inputGradient(original: InputGradient): InputGradient {
  return (parameters) => {
    const { inputs, backend, attrs } = parameters;
    const forward = tf.backend_util.computeConv2DInfo(
      attrs.inputShape,
      inputs.filter.shape as [number, number, number, number],
      attrs.strides,
      1,
      attrs.pad,
      attrs.dimRoundingMode,
      false,
      tf.backend_util.convertConv2DDataFormat(attrs.dataFormat),
    );
    const matrices = matrixForm(forward);
    if (matrices) {
      return composition(backend, (run) => {
        const a = view(inputs.dy, matrices.outputs);
        const b = view(inputs.filter, matrices.filter);
        return view(run('BatchMatMul', { a, b }, { transposeA: false, transposeB: true }), attrs.inputShape);
      });
    }
    const margins = marginsOf(forward);
    return margins
      ? composition(backend, (run) => gradientOfConvolution(run, inputs, forward, margins))
      : original(parameters);
  };
}

/** The zeros around the spread dy, or undefined if the original loops are the better choice. */
function marginsOf(forward: tf.backend_util.Conv2DInfo) {
  const { padInfo, strideHeight, strideWidth } = forward;
  const rows = [
    forward.filterHeight - 1 - padInfo.top,
    forward.inHeight + padInfo.top - forward.outHeight * strideHeight,
  ];
  const columns = [
    forward.filterWidth - 1 - padInfo.left,
    forward.inWidth + padInfo.left - forward.outWidth * strideWidth,
  ];
  const isUsable =
    forward.dataFormat === 'channelsLast' &&
    strideHeight * strideWidth <= largestSpread &&
    [...rows, ...columns].every((margin) => margin >= 0);
  return isUsable ? { rows, columns } : undefined;
}

/** Maximum pixels, zeros included, for each pixel of dy: stride 2 is twice as fast as the loops, stride 4 slower. */
const largestSpread = 4;

function gradientOfConvolution(
  run: RunKernel,
  { dy, filter }: Inputs,
  { strideHeight, strideWidth }: tf.backend_util.Conv2DInfo,
  margins: { readonly rows: readonly number[]; readonly columns: readonly number[] },
): tf.TensorInfo {
  const turned = run('Reverse', { x: filter }, { dims: [0, 1] });
  const swapped = run('Transpose', { x: turned }, { perm: [0, 1, 3, 2] }); // [height, width, F, C]
  return run(
    'Conv2D',
    { x: spread(run, dy, strideHeight, strideWidth), filter: swapped },
    {
      strides: [1, 1],
      dilations: [1, 1],
      pad: [[0, 0], margins.rows, margins.columns, [0, 0]],
      dataFormat: 'NHWC',
    },
  ); // [N, H, W, C]
}

/** `[N, P, Q, F]` to `[N, P·strideHeight, Q·strideWidth, F]`, with zeros after each row and column. */
function spread(run: RunKernel, dy: tf.TensorInfo, strideHeight: number, strideWidth: number): tf.TensorInfo {
  if (strideHeight === 1 && strideWidth === 1) return dy;
  const [batch, height, width, channels] = dy.shape as [number, number, number, number];
  // A row of channels extended by zeros is a pixel followed by zero pixels; further such rows are lines of zeros.
  const padded = run(
    'PadV2',
    { x: view(dy, [batch * height, width, channels]) },
    {
      paddings: [
        [0, 0],
        [0, width * (strideHeight - 1)],
        [0, channels * (strideWidth - 1)],
      ],
      constantValue: 0,
    },
  );
  return view(padded, [batch, height * strideHeight, width * strideWidth, channels]);
}
