/** The scripts that an exported model takes along for its page. */
import { join } from 'node:path';

const ours = (name: string) => join(__dirname, 'browser', name);

/** Files of an exported model's page, by the names that a page calls them: TensorFlow.js as one script, and ours. */
export const browserFiles = {
  get 'tf.min.js'(): string {
    return require.resolve('@tensorflow/tfjs/dist/tf.min.js');
  },
  'classify.js': ours('classify.js'),
  'page.js': ours('page.js'),
} as const;
