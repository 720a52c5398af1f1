import { zoo } from '../../../models/registry';
import { fullyConnected } from '../../../src/layers/fully-connected';
import type { Network } from '../../../src/core/network';
import { tf } from '../../../src/core/tf';

/**
 * VGG's thirteen convolutions with a few maps each, as `fixtures/weights/make_keras_files.py` has them. The convolutional
 * form has the windows of its own input.
 */
export const narrowVgg: Network = {
  ...zoo['vgg-d'],
  build: ({ classes, input, convolutional }) => {
    const image = tf.input({ shape: [...input!] });
    const blocks = [
      [3, 3],
      [4, 4],
      [5, 5, 5],
      [5, 5, 5],
      [4, 4, 4],
    ];
    const layers = blocks.flatMap((block, index) => [
      ...block.map((filters, at) =>
        tf.layers.conv2d({
          name: `conv${index + 1}_${at + 1}`,
          filters,
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
        }),
      ),
      tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }),
    ]);
    const features = layers.reduce((below, layer) => layer.apply(below) as tf.SymbolicTensor, image);
    const [height, width] = input!;
    const first = convolutional && ({ window: [height / 32, width / 32] } as const);
    const single = convolutional && ({ window: [1, 1] } as const);
    const six = fullyConnected(features, { name: 'fc6', units: 7, activation: 'relu', ...first });
    const seven = fullyConnected(six, { name: 'fc7', units: 6, activation: 'relu', ...single });
    const scores = fullyConnected(seven, { name: 'fc8', units: classes, ...single });
    return tf.model({ name: 'vgg-d', inputs: image, outputs: scores });
  },
};
