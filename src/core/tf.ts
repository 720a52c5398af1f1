/**
 * Where everyone gets TensorFlow.js. Backends join the same engine at run time (`src/runtime/backend.ts`),
 * so importing this module loads no native code and decides nothing.
 */
import * as tf from '@tensorflow/tfjs';

export { tf };
