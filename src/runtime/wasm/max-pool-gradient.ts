/** The gradient of max-pooling, for the wasm backend. */
import type { tf } from '../../core/tf';
import { composition, type WasmKernel } from './composition';

interface Inputs {
  readonly dy: tf.TensorInfo;
  readonly input: tf.TensorInfo;
  readonly output: tf.TensorInfo;
}
type MaxPoolGradient = WasmKernel<Inputs, tf.MaxPoolGradAttrs>;

/**
 * The derivative of max-pooling with respect to its input.
 * @param original is correct only for windows that hold a positive number, because it considers only positive numbers
 */
export function maxPoolGradient(original: MaxPoolGradient): MaxPoolGradient {
  return ({ inputs: { dy, input, output }, backend, attrs }) => {
    const constant = (value: number) => ({ shape: [], value, dtype: 'float32' });
    return composition(backend, (run) => {
      const isPositive = run('Greater', { a: output, b: run('Fill', {}, constant(0)) }, {});
      const mask = run('Cast', { x: isPositive }, { dtype: 'float32' });
      const dyOfPositive = run('Multiply', { a: dy, b: mask }, {});
      const dyOfOthers = run('Sub', { a: dy, b: dyOfPositive }, {});
      // If no number is positive, the largest one has the largest 1/|x|.
      const magnitude = run('Abs', { x: input }, {});
      const turned = run('RealDiv', { a: run('Fill', {}, constant(1)), b: magnitude }, {});
      const parts = [
        original({ inputs: { dy: dyOfPositive, input, output }, backend, attrs }),
        original({ inputs: { dy: dyOfOthers, input: turned, output }, backend, attrs }),
      ] as const;
      const sum = run('Add', { a: parts[0], b: parts[1] }, {});
      for (const { dataId } of parts) backend.disposeData(dataId);
      return sum;
    });
  };
}
