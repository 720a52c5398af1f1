/** The neocognitron as a network of the zoo. */
import type { Network } from '../../src/core/network';
import { buildNeocognitron } from './build';
import { paper } from './paper';
import { recipe } from './recipe';

export const neocognitron = {
  paper,
  recipe,
  head: ['readout'],
  /** See `Network`. */
  build: (options) => buildNeocognitron(options, recipe),
} as const satisfies Network;

/** The network, by its name in the zoo. */
export const family = { neocognitron } as const satisfies Record<string, Network>;
