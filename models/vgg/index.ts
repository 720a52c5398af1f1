/** The VGG family as networks of the zoo. */
import type { Network } from '../../src/core/network';
import { buildVgg, type Column } from './build';
import { papers } from './paper';
import { recipes } from './recipe';
import { weights } from './weights';

/** The networks of the family, by their names in the zoo. */
export const vgg = {
  'vgg-a': network('a'),
  'vgg-a-lrn': network('a-lrn'),
  'vgg-b': network('b'),
  'vgg-c': network('c'),
  'vgg-d': network('d'),
  'vgg-e': network('e'),
} as const satisfies Record<`vgg-${Column}`, Network>;

function network(column: Column): Network {
  const recipe = recipes[column];
  const sources = weights[column];
  return {
    paper: papers[column],
    recipe,
    head: ['fc8'],
    ...(sources && { weights: sources }),
    /** See `Network`. */
    build: (options) => buildVgg(column, options, recipe),
  };
}
