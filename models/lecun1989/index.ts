import type { Network } from '../../src/core/network';
import { buildLecun1989 } from './build';
import { lecun1989Paper } from './paper';
import { lecun1989Recipe } from './recipe';

export const lecun1989 = {
  lecun1989: {
    paper: lecun1989Paper,
    recipe: lecun1989Recipe,
    head: ['output'],
    build: (options) => buildLecun1989(options, lecun1989Recipe),
  },
} as const satisfies Record<string, Network>;
