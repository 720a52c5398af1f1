/** The GoogLeNet family as networks of the zoo. */
import type { Network } from '../../src/core/network';
import { buildGooglenet } from './build';
import * as papers from './paper';
import * as recipes from './recipe';
import type { GooglenetName } from './table';
import * as weights from './weights';

/** The classifiers, which see the same features however they are normalised. */
const head = ['loss1/classifier', 'loss2/classifier', 'loss3/classifier'] as const;

export const googlenet = {
  paper: papers.googlenet,
  recipe: recipes.googlenet,
  head,
  weights: weights.googlenet,
  /** See `Network`. */
  build: (options) => buildGooglenet('googlenet', options, recipes.googlenet),
} as const satisfies Network;

export const googlenetTorchvision = {
  paper: papers.googlenetTorchvision,
  recipe: recipes.googlenetTorchvision,
  head,
  weights: weights.googlenetTorchvision,
  /** See `Network`. */
  build: (options) => buildGooglenet('googlenet-torchvision', options, recipes.googlenetTorchvision),
} as const satisfies Network;

/** The networks of the family, by their names in the zoo. */
export const family = {
  googlenet,
  'googlenet-torchvision': googlenetTorchvision,
} as const satisfies Record<GooglenetName, Network>;
