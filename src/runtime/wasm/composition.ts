/** Kernels of the wasm backend that are composed of its other kernels. */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { tf } from '../../core/tf';

/** A kernel of the wasm backend as the engine calls it; its output belongs to the caller. */
export type WasmKernel<Inputs, Attributes> = (parameters: {
  readonly inputs: Inputs;
  readonly backend: BackendWasm;
  readonly attrs: Attributes;
}) => tf.TensorInfo;

/** Runs a registered kernel; its output belongs to the composition that runs it. */
export type RunKernel = (name: string, inputs: tf.NamedTensorInfoMap, attributes: object) => tf.TensorInfo;

/**
 * A kernel computed by other kernels. All intermediate tensors of `compute` are freed, also if it throws,
 * except the tensor that it returns, which belongs to the caller.
 */
export function composition(backend: BackendWasm, compute: (run: RunKernel) => tf.TensorInfo): tf.TensorInfo {
  const made: tf.TensorInfo[] = [];
  const run: RunKernel = (name, inputs, attributes) => {
    const kernel = wasmKernel(name).kernelFunc as unknown as WasmKernel<tf.NamedTensorInfoMap, object>;
    const output = kernel({ inputs, backend, attrs: attributes });
    made.push(output);
    return output;
  };
  try {
    const result = compute(run);
    // A kernel that only changes a shape returns its input's data with one more reference, so the same
    // data may have been returned more than once: the caller receives exactly one of the references.
    const kept = made.findLastIndex(({ dataId }) => dataId === result.dataId);
    made.splice(kept, 1);
    return result;
  } finally {
    for (const { dataId } of made) backend.disposeData(dataId);
  }
}

/** The same data in another shape of equal size. Holds no reference of its own. */
export function view(tensor: tf.TensorInfo, shape: number[]): tf.TensorInfo {
  return { dataId: tensor.dataId, shape, dtype: tensor.dtype };
}

/** @throws Error when the wasm backend lacks the kernel or has not been imported */
export function wasmKernel(name: string): tf.KernelConfig {
  const kernel = tf.getKernel(name, 'wasm') as tf.KernelConfig | undefined;
  if (!kernel) throw new Error(`expected kernel ${name} on the wasm backend, but none is registered`);
  return kernel;
}

/**
 * The shapes in which a convolution is a single matrix product, images · filter = outputs, because its
 * patches lie one after the other in the images: a 1x1 filter of stride 1, or a filter as large as the image.
 * Undefined for all other convolutions.
 */
export function matrixForm(convolution: tf.backend_util.Conv2DInfo) {
  const { filterHeight, filterWidth, inChannels, outChannels, outHeight, outWidth, padInfo } = convolution;
  const padding = padInfo.top + padInfo.bottom + padInfo.left + padInfo.right;
  const isPointwise = [filterHeight, filterWidth, convolution.strideHeight, convolution.strideWidth].every(
    (size) => size === 1,
  );
  const coversImage = filterHeight === convolution.inHeight && filterWidth === convolution.inWidth;
  if (convolution.dataFormat !== 'channelsLast' || padding > 0 || !(isPointwise || coversImage))
    return undefined;
  const patches = convolution.batchSize * outHeight * outWidth;
  const patchSize = filterHeight * filterWidth * inChannels;
  return { images: [patches, patchSize], filter: [patchSize, outChannels], outputs: [patches, outChannels] };
}
