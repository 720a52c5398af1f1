/** The parts of TensorFlow.js that this program uses, as one namespace like that of `@tensorflow/tfjs`. */
export * from '@tensorflow/tfjs-core';
export * from '@tensorflow/tfjs-layers';
export * from '@tensorflow/tfjs-converter';
