/** The VGG family as networks of the zoo. */
import type { Network, Paper, Recipe, WeightSource } from '../../src/core/network';
import { buildVgg, type Column } from './build';
import * as papers from './paper';
import * as recipes from './recipe';
import * as weights from './weights';

export const vggA = network('a', papers.vggA, recipes.shallow, weights.vggA);
export const vggALrn = network('a-lrn', papers.vggALrn, recipes.shallow);
export const vggB = network('b', papers.vggB, recipes.deep, weights.vggB);
export const vggC = network('c', papers.vggC, recipes.deep);
export const vggD = network('d', papers.vggD, recipes.deep, weights.vggD);
export const vggE = network('e', papers.vggE, recipes.deep, weights.vggE);

/** The networks of the family, by their names in the zoo. */
export const family = {
  'vgg-a': vggA,
  'vgg-a-lrn': vggALrn,
  'vgg-b': vggB,
  'vgg-c': vggC,
  'vgg-d': vggD,
  'vgg-e': vggE,
} as const satisfies Record<`vgg-${Column}`, Network>;

function network(column: Column, paper: Paper, recipe: Recipe, sources?: readonly WeightSource[]): Network {
  return {
    paper,
    recipe,
    head: ['fc8'],
    ...(sources && { weights: sources }),
    /** See `Network`. */
    build: (options) => buildVgg(column, options, recipe),
  };
}
