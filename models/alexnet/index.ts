/** The AlexNet family as networks of the zoo. */
import type { Network, Paper, Recipe, WeightSource } from '../../src/core/network';
import { buildAlexnet, type AlexnetName } from './build';
import * as papers from './paper';
import * as recipes from './recipe';
import * as weights from './weights';

export const alexnet = network('alexnet', papers.alexnet, recipes.alexnet);
export const alexnetUngrouped = network('alexnet-ungrouped', papers.alexnetUngrouped, recipes.alexnet);
export const alexnetBvlc = network(
  'alexnet-bvlc',
  papers.alexnetBvlc,
  recipes.alexnetBvlc,
  weights.alexnetBvlc,
);
export const caffenet = network('caffenet', papers.caffenet, recipes.caffenet, weights.caffenet);
export const alexnetTorchvision = network(
  'alexnet-torchvision',
  papers.alexnetTorchvision,
  recipes.alexnetTorchvision,
  weights.alexnetTorchvision,
);

/** The networks of the family, by their names in the zoo. */
export const family = {
  alexnet,
  'alexnet-ungrouped': alexnetUngrouped,
  'alexnet-bvlc': alexnetBvlc,
  caffenet,
  'alexnet-torchvision': alexnetTorchvision,
} as const satisfies Record<AlexnetName, Network>;

function network(
  name: AlexnetName,
  paper: Paper,
  recipe: Recipe,
  sources?: readonly WeightSource[],
): Network {
  return {
    paper,
    recipe,
    head: ['fc8'],
    ...(sources && { weights: sources }),
    /** See `Network`. */
    build: (options) => buildAlexnet(name, options, recipe),
  };
}
