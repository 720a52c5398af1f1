import type { Network } from '../../src/core/network';
import { buildAlexnet, type AlexnetName } from './build';
import { alexnetPapers } from './paper';
import { alexnetRecipes } from './recipe';
import { alexnetWeights } from './weights';

export const alexnet = {
  alexnet: network('alexnet'),
  'alexnet-ungrouped': network('alexnet-ungrouped'),
  'alexnet-bvlc': network('alexnet-bvlc'),
  caffenet: network('caffenet'),
  'alexnet-torchvision': network('alexnet-torchvision'),
} as const satisfies Record<AlexnetName, Network>;

function network(name: AlexnetName): Network {
  const recipe = alexnetRecipes[name];
  const weights = alexnetWeights[name];
  return {
    paper: alexnetPapers[name],
    recipe,
    head: ['fc8'],
    ...(weights && { weights }),
    build: (options) => buildAlexnet(name, options, recipe),
  };
}
