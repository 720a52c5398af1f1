/** The AlexNet family as networks of the zoo. */
import type { Network } from '../../src/core/network';
import { buildAlexnet, type AlexnetName } from './build';
import { papers } from './paper';
import { recipes } from './recipe';
import { weights } from './weights';

/** The networks of the family, by their names in the zoo. */
export const alexnet = {
  alexnet: network('alexnet'),
  'alexnet-ungrouped': network('alexnet-ungrouped'),
  'alexnet-bvlc': network('alexnet-bvlc'),
  caffenet: network('caffenet'),
  'alexnet-torchvision': network('alexnet-torchvision'),
} as const satisfies Record<AlexnetName, Network>;

function network(name: AlexnetName): Network {
  const recipe = recipes[name];
  const sources = weights[name];
  return {
    paper: papers[name],
    recipe,
    head: ['fc8'],
    ...(sources && { weights: sources }),
    /** See `Network`. */
    build: (options) => buildAlexnet(name, options, recipe),
  };
}
