/** The six VGG networks as layers, from the columns of Simonyan and Zisserman 2015, Table 1. */
import { tf } from '../../src/core/tf';
import { expectInputOfAtLeast, leastSide } from '../../src/core/given/least-input';
import { fullyConnected } from '../../src/layers/fully-connected';
import { initialise } from '../../src/layers/initialise/initialise';
import { Lrn } from '../../src/layers/lrn';
import { SeededDropout } from '../../src/layers/seeded-dropout';
import type { BuildOptions, Recipe } from '../../src/core/network';

/** A network of the paper's Table 1, by the head of its column. */
export type Column = Exclude<keyof (typeof blocks)[number], 'maps'>;

/**
 * The networks side by side, as the sides of the convolutions' kernels. Simonyan and Zisserman 2015, Table 1.
 * All have stride 1, keep the size and are followed by ReLU (§2.1); 2×2 max-pooling ends each block.
 */
// prettier-ignore
const blocks = [ //                                                                                             224×224×3
  { maps: 64,  a: [3],    'a-lrn': [3, 'lrn'], b: [3, 3], c: [3, 3],    d: [3, 3],    e: [3, 3] }, //           112×112×64
  { maps: 128, a: [3],    'a-lrn': [3],        b: [3, 3], c: [3, 3],    d: [3, 3],    e: [3, 3] }, //           56×56×128
  { maps: 256, a: [3, 3], 'a-lrn': [3, 3],     b: [3, 3], c: [3, 3, 1], d: [3, 3, 3], e: [3, 3, 3, 3] }, //     28×28×256
  { maps: 512, a: [3, 3], 'a-lrn': [3, 3],     b: [3, 3], c: [3, 3, 1], d: [3, 3, 3], e: [3, 3, 3, 3] }, //     14×14×512
  { maps: 512, a: [3, 3], 'a-lrn': [3, 3],     b: [3, 3], c: [3, 3, 1], d: [3, 3, 3], e: [3, 3, 3, 3] }, //     7×7×512
] as const;

/** The fully connected layers that all columns share. Table 1; dropout: §3.1. */
const full = [
  { name: 'fc6', units: 4096, drop: 'drop6' },
  { name: 'fc7', units: 4096, drop: 'drop7' },
] as const;

/** §2.1: "The LRN parameters are those of (Krizhevsky et al., 2012)". */
const lrn = { size: 5, k: 2, alpha: 1e-4, beta: 0.75 } as const;

/** The side of what pool5 gives, for the side of an input. */
const featureSide = (side: number) => Math.floor(side / 2 ** blocks.length);

/**
 * Takes any input that five poolings leave a position of; fc6 sees all of what they leave. In the convolutional form
 * (§3.2) its window is what they leave of the recipe's input, and fc7 and fc8 see one position.
 * @throws UserError for a smaller input
 */
export function buildVgg(
  column: Column,
  { classes, input, seed, convolutional }: BuildOptions,
  recipe: Recipe,
): tf.LayersModel {
  const name = `vgg-${column}`;
  const shape = input ?? recipe.input.shape;
  const side = leastSide((each) => featureSide(each) >= 1);
  const [height, width] = convolutional ? recipe.input.shape : [side, side];
  expectInputOfAtLeast(name, shape, [height, width], convolutional ? ' for the convolutional form' : '');
  const image = tf.input({ shape: [...shape], name: 'image' });
  const features = blocks.reduce(
    (below, block, index) => appendBlock(below, index + 1, block.maps, block[column]),
    image,
  );
  const window = [featureSide(height), featureSide(width)] as const;
  const scores = appendClassifier(features, classes, convolutional ? window : undefined);
  const model = tf.model({ name, inputs: image, outputs: scores });
  initialise(model, recipe.initialiser, seed);
  return model;
}

function appendBlock(
  below: tf.SymbolicTensor,
  block: number,
  filters: number,
  steps: readonly (number | 'lrn')[],
): tf.SymbolicTensor {
  const layers = steps.map((kernelSize, index) =>
    kernelSize === 'lrn'
      ? new Lrn({ name: `norm${block}`, ...lrn })
      : tf.layers.conv2d({
          name: `conv${block}_${index + 1}`,
          filters,
          kernelSize,
          padding: 'same',
          activation: 'relu',
          kernelInitializer: 'zeros',
        }),
  );
  const pool = tf.layers.maxPooling2d({ name: `pool${block}`, poolSize: 2, strides: 2 });
  return [...layers, pool].reduce((input, layer) => layer.apply(input) as tf.SymbolicTensor, below);
}

/** @param window of fc6, for scores at each of its positions */
function appendClassifier(
  features: tf.SymbolicTensor,
  classes: number,
  window: readonly [number, number] | undefined,
): tf.SymbolicTensor {
  const windowOf = (name: string) => window && { window: name === 'fc6' ? window : ([1, 1] as const) };
  const hidden = full.reduce((below, { name, units, drop }) => {
    const active = fullyConnected(below, { name, units, activation: 'relu', ...windowOf(name) });
    return new SeededDropout({ name: drop, rate: 0.5 }).apply(active) as tf.SymbolicTensor;
  }, features);
  return fullyConnected(hidden, { name: 'fc8', units: classes, ...windowOf('fc8') });
}
