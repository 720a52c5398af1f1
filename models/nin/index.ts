/** The Network in Network family as networks of the zoo. */
import type { Network } from '../../src/core/network';
import { buildNin } from './build';
import { papers } from './paper';
import { recipes } from './recipe';
import type { NinName } from './table';
import { weights } from './weights';

/** The networks of the family, by their names in the zoo. */
export const nin = {
  'nin-imagenet': network('nin-imagenet', 'cccp8-1024'),
  'nin-cifar10': network('nin-cifar10', 'cccp6'),
  'nin-cifar10-caffe': network('nin-cifar10-caffe', 'cccp6'),
  'nin-cifar100': network('nin-cifar100', 'cccp6'),
  'nin-mnist': network('nin-mnist', 'cccp6'),
  'nin-svhn': network('nin-svhn', 'cccp6'),
} as const satisfies Record<NinName, Network>;

/** @param head the layer that gives the class scores */
function network<Name extends NinName>(name: Name, head: string) {
  const sources = weights[name];
  return {
    paper: papers[name],
    recipe: recipes[name],
    head: [head],
    ...(sources && { weights: sources }),
    /** See `Network`. */
    build: (options) => buildNin(name, options, recipes[name]),
  } as const satisfies Network;
}
