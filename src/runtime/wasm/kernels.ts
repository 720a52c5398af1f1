/** Registers the kernels that the wasm backend needs for training. */
import { tf } from '../../core/tf';
import { wasmKernel, type WasmKernel } from './composition';
import { filterGradient } from './filter-gradient';
import { inputGradient } from './input-gradient';
import { matrixProduct } from './matrix-product';
import { maxPoolGradient } from './max-pool-gradient';

/**
 * Makes the wasm backend train convolutional networks: adds the derivative with respect to a filter, which it
 * lacks, and replaces its derivative with respect to the images and its product of transposed matrices,
 * which are plain loops there, by compositions of its fast kernels; and mends its derivative of max-pooling, which is
 * lost where a window holds no positive number. Calling it again changes nothing.
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

/** Puts `better(original)` in the place of a kernel, and keeps the original's set-up. */
function replace<Inputs, Attributes>(
  name: string,
  better: (original: WasmKernel<Inputs, Attributes>) => WasmKernel<Inputs, Attributes>,
): void {
  const original = wasmKernel(name);
  const kernel = better(original.kernelFunc as unknown as WasmKernel<Inputs, Attributes>);
  tf.unregisterKernel(name, 'wasm');
  tf.registerKernel({ ...original, kernelFunc: kernel as unknown as tf.KernelFunc });
}
