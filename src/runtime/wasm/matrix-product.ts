/** The product of two matrices, either of which may be transposed, for the wasm backend. */
import { tf } from '../../core/tf';
import { composition, type RunKernel, type WasmKernel } from './composition';

interface Factors {
  readonly a: tf.TensorInfo;
  readonly b: tf.TensorInfo;
}
type MatrixProduct = WasmKernel<Factors, tf.BatchMatMulAttrs>;
const asStored: tf.BatchMatMulAttrs = { transposeA: false, transposeB: false };

/**
 * The product of two matrices, either of which may be transposed.
 * @param original fast, but only for two single matrices that are both multiplied as they are stored
 */
export function matrixProduct(original: MatrixProduct): MatrixProduct {
  /** The shape that each tensor's data had when it was first used as a right factor. */
  const shapes = new WeakMap<object, string>();
  return (parameters) => {
    const { inputs, backend, attrs } = parameters;
    if (!isSingleMatrix(inputs.a) || !isSingleMatrix(inputs.b)) return original(parameters);
    if (attrs.transposeA || attrs.transposeB) {
      return composition(backend, (run) => productOfTransposed(run, inputs, attrs));
    }
    const shape = inputs.b.shape.slice(-2).join();
    const shapeBefore = shapes.get(inputs.b.dataId) ?? shape;
    shapes.set(inputs.b.dataId, shapeBefore);
    if (shape === shapeBefore) return original(parameters);
    // The backend caches its prepared form of a right factor by the data alone, and would reuse it, with a wrong
    // result, for the same data in another shape: in that case the factor is copied.
    return composition(backend, (run) => {
      const paddings = inputs.b.shape.map(() => [0, 0]);
      const b = run('PadV2', { x: inputs.b }, { paddings, constantValue: 0 });
      return run('BatchMatMul', { a: inputs.a, b }, asStored);
    });
  };
}

/** a·b directly, or as (bᵀ·aᵀ)ᵀ, whichever has to transpose fewer numbers. */
function productOfTransposed(
  run: RunKernel,
  { a, b }: Factors,
  { transposeA, transposeB }: tf.BatchMatMulAttrs,
): tf.TensorInfo {
  const transposed = (x: tf.TensorInfo) =>
    run('Transpose', { x }, { perm: lastTwoAxesSwapped(x.shape.length) });
  const sizeA = tf.util.sizeFromShape(a.shape);
  const sizeB = tf.util.sizeFromShape(b.shape);
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  const direct = (transposeA ? sizeA : 0) + (transposeB ? sizeB : 0);
  const swapped = (transposeA ? 0 : sizeA) + (transposeB ? 0 : sizeB) + rows * columns;
  if (direct <= swapped) {
    const factors = { a: transposeA ? transposed(a) : a, b: transposeB ? transposed(b) : b };
    return run('BatchMatMul', factors, asStored);
  }
  const factors = { a: transposeB ? b : transposed(b), b: transposeA ? a : transposed(a) };
  return transposed(run('BatchMatMul', factors, asStored));
}

const isSingleMatrix = ({ shape, dtype }: tf.TensorInfo) =>
  dtype === 'float32' && shape.slice(0, -2).every((size) => size === 1);

const lastTwoAxesSwapped = (rank: number) => [...Array(rank - 2).keys(), rank - 1, rank - 2];
