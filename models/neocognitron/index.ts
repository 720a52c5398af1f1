import type { Network } from '../../src/core/network';
import { buildNeocognitron } from './build';
import { neocognitronPaper } from './paper';
import { neocognitronRecipe } from './recipe';

export const neocognitron = {
  neocognitron: {
    paper: neocognitronPaper,
    recipe: neocognitronRecipe,
    head: ['readout'],
    build: (options) => buildNeocognitron(options, neocognitronRecipe),
  },
} as const satisfies Record<string, Network>;
