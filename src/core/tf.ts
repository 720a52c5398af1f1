/**
 * The one place from which all modules import TensorFlow.js. Backends join the same engine at run time
 * (`src/runtime/backend.ts`), so importing this module loads no native code; the backend in plain JavaScript alone comes
 * with it, which computes until another is chosen.
 */
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from './tensorflow/parts';
import { addTensorMethods } from './tensorflow/tensor-methods';

addTensorMethods(tf);

// When first used in Node, tfjs's backend in JavaScript advises to install another, which `useBackend` does by itself. A
// backend that the program around this one already uses stays as it is.
if (!('cpu' in tf.engine().registry)) {
  tf.removeBackend('cpu');
  tf.registerBackend('cpu', () => Object.assign(new MathBackendCPU(), { firstUse: false }), 1);
}

export { tf };
