/** AlexNet and four variants of it as layers, from the table of Krizhevsky et al. 2012. */
import { tf } from '../../src/core/tf';
import { expectInputOfAtLeast, leastSide } from '../../src/core/given/least-input';
import { CeilPool } from '../../src/layers/ceil-pool';
import { fullyConnected } from '../../src/layers/fully-connected';
import { GroupedConv2D } from '../../src/layers/grouped-conv';
import { initialise } from '../../src/layers/initialise/initialise';
import { Lrn } from '../../src/layers/lrn';
import { SeededDropout } from '../../src/layers/seeded-dropout';
import type { BuildOptions, Recipe } from '../../src/core/network';

/** What the networks share. Krizhevsky, Sutskever, Hinton 2012, §3.5 and Fig. 2; ReLU after each, §3.1. */
// prettier-ignore
const convolutions = [ //                                            227×227×3
  { number: 1, kernel: 11, stride: 4, normalised: true,  pooled: true  }, //  55×55×96, pooled 27×27×96
  { number: 2, kernel: 5,  stride: 1, normalised: true,  pooled: true  }, //  27×27×256, pooled 13×13×256
  { number: 3, kernel: 3,  stride: 1, normalised: false, pooled: false }, //  13×13×384
  { number: 4, kernel: 3,  stride: 1, normalised: false, pooled: false }, //  13×13×384
  { number: 5, kernel: 3,  stride: 1, normalised: false, pooled: true  }, //  13×13×256, pooled 6×6×256
] as const;

/** Overlapping pooling, §3.4. */
const pooling = { size: 3, stride: 2 } as const;
/** Units of fc6 and fc7, §3.5. */
const fullUnits = 4096;

interface Variant {
  /** Of conv1 to conv5. */
  readonly maps: readonly number[];
  readonly groups: readonly number[];
  /** Pixels of value 0 around the image. */
  readonly margin: number;
  /** §3.3, with the paper's α: Caffe divides its own by n. Null: none. */
  readonly lrn: { readonly k: number; readonly alpha: number } | null;
  readonly order: readonly ('norm' | 'pool')[];
  /** How the number of pooling windows is rounded, where they do not fit. */
  readonly poolRounding: 'up' | 'down';
  /** Where dropout lies by fc6 and fc7. */
  readonly dropout: 'before' | 'after';
}

// prettier-ignore
const variants = {
  'alexnet':             { maps: [96, 256, 384, 384, 256], groups: [1, 2, 1, 2, 2], margin: 0, lrn: { k: 2, alpha: 1e-4     }, order: ['norm', 'pool'], poolRounding: 'up',   dropout: 'after'  },
  'alexnet-ungrouped':   { maps: [96, 256, 384, 384, 256], groups: [1, 1, 1, 1, 1], margin: 0, lrn: { k: 2, alpha: 1e-4     }, order: ['norm', 'pool'], poolRounding: 'up',   dropout: 'after'  },
  'alexnet-bvlc':        { maps: [96, 256, 384, 384, 256], groups: [1, 2, 1, 2, 2], margin: 0, lrn: { k: 1, alpha: 1e-4 / 5 }, order: ['norm', 'pool'], poolRounding: 'up',   dropout: 'after'  },
  'caffenet':            { maps: [96, 256, 384, 384, 256], groups: [1, 2, 1, 2, 2], margin: 0, lrn: { k: 1, alpha: 1e-4 / 5 }, order: ['pool', 'norm'], poolRounding: 'up',   dropout: 'after'  },
  'alexnet-torchvision': { maps: [64, 192, 384, 256, 256], groups: [1, 1, 1, 1, 1], margin: 2, lrn: null,                      order: ['pool'],         poolRounding: 'down', dropout: 'before' },
} as const satisfies Record<string, Variant>;

/** The names of the family’s networks. */
export type AlexnetName = keyof typeof variants;

/**
 * Takes any input that leaves pool5 a position; fc6 sees all of what pool5 gives. In the convolutional form its
 * window is what pool5 gives for the recipe's input, and fc7 and fc8 see one position.
 * @throws UserError for a smaller input
 */
export function buildAlexnet(
  name: AlexnetName,
  { classes, input, seed, convolutional }: BuildOptions,
  recipe: Recipe,
): tf.LayersModel {
  const variant: Variant = variants[name];
  const shape = input ?? recipe.input.shape;
  const side = leastSide((each) => featureSide(each, variant) >= 1);
  const [height, width] = convolutional ? recipe.input.shape : [side, side];
  expectInputOfAtLeast(name, shape, [height, width], convolutional ? ' for the convolutional form' : '');
  const image = tf.input({ shape: [...shape], name: 'image' });
  const features = convolutions.reduce((below, row) => appendConvolution(below, row, variant), image);
  const window = [featureSide(height, variant), featureSide(width, variant)] as const;
  const scores = appendClassifier(features, classes, variant, convolutional ? window : undefined);
  const model = tf.model({ name, inputs: image, outputs: scores });
  initialise(model, recipe.initialiser, seed);
  return model;
}

function appendConvolution(
  below: tf.SymbolicTensor,
  { number, kernel, stride, normalised, pooled }: (typeof convolutions)[number],
  variant: Variant,
): tf.SymbolicTensor {
  const followers = variant.order.flatMap((kind) => {
    if (kind === 'pool') return pooled ? [poolLayer(`pool${number}`, variant)] : [];
    return normalised && variant.lrn
      ? [new Lrn({ name: `norm${number}`, size: 5, beta: 0.75, ...variant.lrn })]
      : [];
  });
  const margin = number === 1 ? variant.margin : 0;
  const start = margin ? [tf.layers.zeroPadding2d({ name: 'pad1', padding: [margin, margin] })] : [];
  return [...start, convolutionLayer(number, kernel, stride, variant), ...followers].reduce(
    (input, layer) => layer.apply(input) as tf.SymbolicTensor,
    below,
  );
}

function convolutionLayer(number: number, kernelSize: number, strides: number, variant: Variant) {
  const name = `conv${number}`;
  const [filters, groups] = [variant.maps[number - 1]!, variant.groups[number - 1]!];
  if (groups > 1) return new GroupedConv2D({ name, filters, kernelSize, groups, activation: 'relu' });
  return tf.layers.conv2d({
    name,
    filters,
    kernelSize,
    strides,
    padding: strides === 1 ? 'same' : 'valid',
    activation: 'relu',
    kernelInitializer: 'zeros',
  });
}

function poolLayer(name: string, { poolRounding }: Variant): tf.layers.Layer {
  const { size, stride } = pooling;
  return poolRounding === 'up'
    ? new CeilPool({ name, kind: 'max', size, stride })
    : tf.layers.maxPooling2d({ name, poolSize: size, strides: stride });
}

/** @param window of fc6, for scores at each of its positions */
function appendClassifier(
  features: tf.SymbolicTensor,
  classes: number,
  { dropout }: Variant,
  window: readonly [number, number] | undefined,
): tf.SymbolicTensor {
  const single = window && ({ window: [1, 1] } as const);
  const fc6 = { name: 'fc6', units: fullUnits, activation: 'relu', ...(window && { window }) } as const;
  const fc7 = { name: 'fc7', units: fullUnits, activation: 'relu', ...single } as const;
  const hidden = [fc6, fc7].reduce((below, options) => {
    const drop = new SeededDropout({ name: options.name.replace('fc', 'drop'), rate: 0.5 }); // §4.2
    if (dropout === 'before') return fullyConnected(drop.apply(below) as tf.SymbolicTensor, options);
    return drop.apply(fullyConnected(below, options)) as tf.SymbolicTensor;
  }, features);
  return fullyConnected(hidden, { name: 'fc8', units: classes, ...single });
}

/** The side of what pool5 gives, for the side of an input; 0 where some window does not fit. */
function featureSide(side: number, { margin, poolRounding }: Variant): number {
  const round = poolRounding === 'up' ? Math.ceil : Math.floor;
  return convolutions.reduce((below, { kernel, stride, pooled }) => {
    const positions = stride === 1 ? below : Math.floor((below + 2 * margin - kernel) / stride) + 1;
    if (!pooled) return positions;
    return positions < pooling.size ? 0 : round((positions - pooling.size) / pooling.stride) + 1;
  }, side);
}
