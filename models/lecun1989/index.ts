/** The network for zip codes of 1989 as a network of the zoo. */
import type { Network } from '../../src/core/network';
import { buildLecun1989 } from './build';
import { paper } from './paper';
import { recipe } from './recipe';

export const lecun1989 = {
  paper,
  recipe,
  head: ['output'],
  /** See `Network`. */
  build: (options) => buildLecun1989(options, recipe),
} as const satisfies Network;

/** The network, by its name in the zoo. */
export const family = { lecun1989 } as const satisfies Record<string, Network>;
