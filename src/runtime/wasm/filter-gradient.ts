/** The gradient of a convolution with respect to its filter, for the wasm backend. */
import { tf } from '../../core/tf';
import { composition, matrixForm, view, type RunKernel, type WasmKernel } from './composition';

interface Inputs {
  /** Images `[N, H, W, C]`. */
  readonly x: tf.TensorInfo;
  /** Derivatives of the outputs `[N, P, Q, F]`. */
  readonly dy: tf.TensorInfo;
}

/**
 * The derivative of a convolution of stride s with respect to its filter `[height, width, C, F]`:
 *
 *   dw[i, j, c, f] = Σ_{n, p, q} x[n, p·s + i, q·s + j, c] · dy[n, p, q, f]
 *
 * This is itself a convolution: C is the batch axis, N is the channel axis, dy is the filter, and s is its dilation.
 */
export const filterGradient: WasmKernel<Inputs, tf.Conv2DBackpropFilterAttrs> = ({
  inputs: { x, dy },
  backend,
  attrs,
}) => {
  const forward = tf.backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    attrs.filterShape,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
    false,
    tf.backend_util.convertConv2DDataFormat(attrs.dataFormat),
  );
  const matrices = matrixForm(forward);
  return composition(backend, (run) => {
    if (!matrices) return gradientOfConvolution(run, x, dy, forward);
    const a = view(x, matrices.images);
    const b = view(dy, matrices.outputs);
    return view(run('BatchMatMul', { a, b }, { transposeA: true, transposeB: false }), attrs.filterShape);
  });
};

function gradientOfConvolution(
  run: RunKernel,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  forward: tf.backend_util.Conv2DInfo,
): tf.TensorInfo {
  const { filterHeight, filterWidth, inChannels, outChannels, strideHeight, strideWidth } = forward;
  const { top, left } = forward.padInfo;
  const bottom = (forward.outHeight - 1) * strideHeight + filterHeight - forward.inHeight - top;
  const right = (forward.outWidth - 1) * strideWidth + filterWidth - forward.inWidth - left;
  const images = run('Transpose', { x }, { perm: [3, 1, 2, 0] }); // [C, H, W, N]
  const filter = run('Transpose', { x: dy }, { perm: [1, 2, 0, 3] }); // [P, Q, N, F]
  const derivative = run(
    'Conv2D',
    { x: images, filter },
    {
      strides: [1, 1],
      dilations: [strideHeight, strideWidth],
      pad: [
        [0, 0],
        [top, Math.max(0, bottom)],
        [left, Math.max(0, right)],
        [0, 0],
      ],
      dataFormat: 'NHWC',
    },
  ); // [C, height, width, F]
  // Input rows and columns that no output reaches (bottom or right margins below zero) give derivatives for
  // filter rows and columns that do not exist.
  const size = [inChannels, filterHeight, filterWidth, outChannels];
  const existing =
    bottom < 0 || right < 0 ? run('Slice', { x: derivative }, { begin: [0, 0, 0, 0], size }) : derivative;
  return run('Transpose', { x: existing }, { perm: [1, 2, 0, 3] }); // [height, width, C, F]
}
