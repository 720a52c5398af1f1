/**
 * The one place from which all modules import TensorFlow.js. Backends join the same engine at run time
 * (`src/runtime/backend.ts`), so importing this module loads no native code; the backend in plain JavaScript alone comes
 * with it, which computes until another is chosen.
 */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from './tensorflow/parts';
import { addTensorMethods } from './tensorflow/tensor-methods';

addTensorMethods(tf);

export { tf };
