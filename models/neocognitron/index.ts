/** The neocognitron as a network of the zoo. */
import type { Network } from '../../src/core/network';
import { buildNeocognitron } from './build';
import { paper } from './paper';
import { recipe } from './recipe';

export const neocognitron = {
  neocognitron: {
    paper,
    recipe,
    head: ['readout'],
    build: (options) => buildNeocognitron(options, recipe),
  },
} as const satisfies Record<string, Network>;
