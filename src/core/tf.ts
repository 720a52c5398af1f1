/**
 * The one place from which all modules import TensorFlow.js. Backends join the same engine at run time
 * (`src/runtime/backend.ts`), so importing this module loads no native code and selects no backend.
 */
import * as tf from '@tensorflow/tfjs';

export { tf };
