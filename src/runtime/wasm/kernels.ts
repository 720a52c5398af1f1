/** Registers the kernels that the wasm backend needs for training. */
import { tf } from '../../core/tf';
import { wasmKernel, type WasmKernel } from './composition';
import { filterGradient } from './filter-gradient';
import { inputGradient } from './input-gradient';
import { matrixProduct } from './matrix-product';
import { maxPoolGradient } from './max-pool-gradient';

/**
 * Makes the wasm backend able to train convolutional networks. Adds the derivative with respect to a filter, which it
 * lacks. Replaces its derivative with respect to the images and its product of transposed matrices, which are plain
 * loops, by compositions of its fast kernels. Corrects its derivative of max-pooling, which is lost where a window
 * holds no positive number. Calling this function again changes nothing.
 * @throws Error when `@tensorflow/tfjs-backend-wasm` has not been imported
 */
export function registerWasmTrainingKernels(): void {
  const filterKernel = filterGradient as unknown as tf.KernelFunc;
  const registered = tf.getKernel('Conv2DBackpropFilter', 'wasm') as tf.KernelConfig | undefined;
  if (registered?.kernelFunc === filterKernel) return;
  replace('BatchMatMul', matrixProduct);
  replace('Conv2DBackpropInput', inputGradient);
  replace('MaxPoolGrad', maxPoolGradient);
  if (registered) tf.unregisterKernel('Conv2DBackpropFilter', 'wasm');
  tf.registerKernel({ kernelName: 'Conv2DBackpropFilter', backendName: 'wasm', kernelFunc: filterKernel });
}

/** Replaces a kernel by `better(original)`, and keeps the original's set-up. */
function replace<Inputs, Attributes>(
  name: string,
  better: (original: WasmKernel<Inputs, Attributes>) => WasmKernel<Inputs, Attributes>,
): void {
  const original = wasmKernel(name);
  const kernel = better(original.kernelFunc as unknown as WasmKernel<Inputs, Attributes>);
  tf.unregisterKernel(name, 'wasm');
  tf.registerKernel({ ...original, kernelFunc: kernel as unknown as tf.KernelFunc });
}
