/** The neocognitron as layers, from the table of Fukushima 1980, §5. */
import { tf } from '../../src/core/tf';
import { UserError } from '../../src/core/errors';
import { CCells } from '../../src/layers/neocognitron/c-cells';
import { ClassVotes } from '../../src/layers/neocognitron/class-votes';
import { initialise } from '../../src/layers/initialise/initialise';
import { SCells } from '../../src/layers/neocognitron/s-cells';
import type { BuildOptions, Recipe } from '../../src/core/network';

/** K_l: "24 for all the layers except U0" (§5). */
const planes = 24;

/** α of eq. 5 (§5). */
const saturation = 0.5;

/** c and d fall to these fractions with each cell's distance, and d starts from `strength`: guesses. */
const falling = { c: 0.9, d: 0.7 } as const;
const strength = 2;

interface Row {
  readonly s: {
    readonly name: string;
    readonly cells: number;
    readonly kernelSize: number;
    readonly selectivity: number;
  };
  readonly c: { readonly name: string; readonly cells: number; readonly kernelSize: number };
}

/** Sides of the planes, of the areas that a cell connects to, and r, for the three modules. Fukushima 1980, §5. */
// prettier-ignore
const modules: readonly Row[] = [
  //                                                                      16×16×1
  { s: { name: 'US1', cells: 16, kernelSize: 5, selectivity: 4.0 }, //     16×16×24
    c: { name: 'UC1', cells: 10, kernelSize: 5 } }, //                     10×10×24
  { s: { name: 'US2', cells: 8, kernelSize: 5, selectivity: 1.5 }, //      8×8×24
    c: { name: 'UC2', cells: 6, kernelSize: 5 } }, //                      6×6×24
  { s: { name: 'US3', cells: 2, kernelSize: 5, selectivity: 1.5 }, //      2×2×24
    c: { name: 'UC3', cells: 1, kernelSize: 2 } }, //                      1×1×24
];

/**
 * The seed changes nothing: the paper's weights start without randomness (§3).
 * @throws UserError for an input other than 16×16 with any number of channels
 */
export function buildNeocognitron(
  { classes, input, seed, convolutional }: BuildOptions,
  recipe: Recipe,
): tf.LayersModel {
  const shape = input ?? recipe.input.shape;
  if (shape[0] !== 16 || shape[1] !== 16) {
    throw new UserError(
      `neocognitron: expected an input of 16×16, over which each layer's cells are laid, found ${shape[0]}×${shape[1]}`,
    );
  }
  if (convolutional) {
    throw new UserError(
      'neocognitron: expected a network with a convolutional form, found one without: each plane of UC3 has one cell',
    );
  }
  const image = tf.input({ shape: [...shape], name: 'U0' });
  const last = modules.reduce(append, image);
  const responses = tf.layers.flatten({ name: 'UC3/flat' }).apply(last);
  const scores = new ClassVotes({ name: 'readout', classes }).apply(responses) as tf.SymbolicTensor;
  const model = tf.model({ name: 'neocognitron', inputs: image, outputs: scores });
  initialise(model, recipe.initialiser, seed);
  return model;
}

function append(below: tf.SymbolicTensor, { s, c }: Row): tf.SymbolicTensor {
  const features = new SCells({ ...s, planes, decay: falling.c }).apply(below);
  return new CCells({ ...c, saturation, strength, decay: falling.d }).apply(features) as tf.SymbolicTensor;
}
