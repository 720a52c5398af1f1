import type { Network } from '../../src/core/network';
import { buildVgg, type Column } from './build';
import { vggPapers } from './paper';
import { vggRecipes } from './recipe';
import { vggWeights } from './weights';

export const vgg = {
  'vgg-a': network('a'),
  'vgg-a-lrn': network('a-lrn'),
  'vgg-b': network('b'),
  'vgg-c': network('c'),
  'vgg-d': network('d'),
  'vgg-e': network('e'),
} as const satisfies Record<`vgg-${Column}`, Network>;

function network(column: Column): Network {
  const recipe = vggRecipes[column];
  const weights = vggWeights[column];
  return {
    paper: vggPapers[column],
    recipe,
    head: ['fc8'],
    ...(weights && { weights }),
    build: (options) => buildVgg(column, options, recipe),
  };
}
