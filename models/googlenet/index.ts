/** The GoogLeNet family as networks of the zoo. */
import type { Network } from '../../src/core/network';
import { buildGooglenet } from './build';
import { papers } from './paper';
import { recipes } from './recipe';
import type { GooglenetName } from './table';
import { weights } from './weights';

/** The networks of the family, by their names in the zoo. */
export const googlenet = {
  googlenet: network('googlenet'),
  'googlenet-torchvision': network('googlenet-torchvision'),
} as const satisfies Record<GooglenetName, Network>;

function network<Name extends GooglenetName>(name: Name) {
  return {
    paper: papers[name],
    recipe: recipes[name],
    head: ['loss1/classifier', 'loss2/classifier', 'loss3/classifier'],
    weights: weights[name],
    /** See `Network`. */
    build: (options) => buildGooglenet(name, options, recipes[name]),
  } as const satisfies Network;
}
