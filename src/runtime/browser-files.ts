import { join } from 'node:path';

/** Files that run in a browser: TensorFlow.js as one script, and the script of the page that classifies photos. */
export const browserFiles = {
  get library(): string {
    return require.resolve('@tensorflow/tfjs/dist/tf.min.js');
  },
  script: join(__dirname, '..', 'browser', 'classify.js'),
} as const;
