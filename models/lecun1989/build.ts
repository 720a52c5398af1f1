/** The network for zip codes of 1989 as layers, from the table of LeCun et al. 1989, §3.3. */
import { tf } from '../../src/core/tf';
import { UserError } from '../../src/core/errors';
import { initialise } from '../../src/layers/initialise/initialise';
import { ScaledTanh } from '../../src/layers/scaled-tanh';
import { SubsetConv2D } from '../../src/layers/subset-conv';
import type { BuildOptions, Recipe } from '../../src/core/network';

/** Which maps of H1 each map of H2 reads: 8 of 12, as the paper says without printing them. A guess: see paper.ts. */
const h2Reads = [
  [0, 1, 2, 3, 4, 5, 6, 7],
  [0, 1, 2, 3, 4, 5, 6, 7],
  [0, 1, 2, 3, 4, 5, 6, 7],
  [0, 1, 2, 3, 4, 5, 6, 7],
  [4, 5, 6, 7, 8, 9, 10, 11],
  [4, 5, 6, 7, 8, 9, 10, 11],
  [4, 5, 6, 7, 8, 9, 10, 11],
  [4, 5, 6, 7, 8, 9, 10, 11],
  [0, 1, 2, 3, 8, 9, 10, 11],
  [0, 1, 2, 3, 8, 9, 10, 11],
  [0, 1, 2, 3, 8, 9, 10, 11],
  [0, 1, 2, 3, 8, 9, 10, 11],
];

type Row =
  | {
      readonly name: string;
      readonly kind: 'convolution';
      /** For each output map, the input maps that it reads; a number of maps reads all of them. */
      readonly reads: readonly (readonly number[])[] | number;
    }
  | { readonly name: string; readonly kind: 'full'; readonly units: number | 'classes' };

/**
 * LeCun et al. 1989, §3.3. Kernels are 5×5 and move by 2 pixels; a border of −1 surrounds the maps; every unit has a
 * bias of its own.
 */
// prettier-ignore
const rows: readonly Row[] = [
  //                                                            16×16×1
  { name: 'H1',     kind: 'convolution', reads: 12 },        // 8×8×12
  { name: 'H2',     kind: 'convolution', reads: h2Reads },   // 4×4×12
  { name: 'H3',     kind: 'full', units: 30 },               // 30
  { name: 'output', kind: 'full', units: 'classes' },        // 10
];

const everyConvolution = {
  kernelSize: 5,
  stride: 2,
  border: { width: 2, value: -1 },
  biases: 'perUnit',
} as const;

/** @throws UserError when scores for several positions are asked for */
export function buildLecun1989(
  { classes, input, seed, convolutional }: BuildOptions,
  recipe: Recipe,
): tf.LayersModel {
  if (convolutional)
    throw new UserError(
      'lecun1989: expected a network with a convolutional form, found one without: its biases belong to positions',
    );
  const image = tf.input({ shape: [...(input ?? recipe.input.shape)], name: 'image' });
  const outputs = rows.reduce((below, row) => squashed(sums(below, row, classes), row), image);
  const model = tf.model({ name: 'lecun1989', inputs: image, outputs });
  initialise(model, recipe.initialiser, seed);
  return model;
}

function sums(below: tf.SymbolicTensor, row: Row, classes: number): tf.SymbolicTensor {
  const { name } = row;
  if (row.kind === 'convolution') {
    const allMaps = [...Array(below.shape.at(-1)!).keys()];
    const table = typeof row.reads === 'number' ? Array<number[]>(row.reads).fill(allMaps) : row.reads;
    return new SubsetConv2D({ name, table, ...everyConvolution }).apply(below) as tf.SymbolicTensor;
  }
  const flat = below.rank > 2 ? tf.layers.flatten({ name: `${name}/flat` }).apply(below) : below;
  const units = row.units === 'classes' ? classes : row.units;
  return tf.layers.dense({ name, units, kernelInitializer: 'zeros' }).apply(flat) as tf.SymbolicTensor;
}

/** Every unit, of the output too, is squashed. */
function squashed(sum: tf.SymbolicTensor, { name }: Row): tf.SymbolicTensor {
  return new ScaledTanh({ name: `${name}/tanh` }).apply(sum) as tf.SymbolicTensor;
}
