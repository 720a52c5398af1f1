/** The LeNet family as networks of the zoo. */
import type { Network } from '../../src/core/network';
import { buildLenet } from './build';
import { papers } from './paper';
import { recipes } from './recipe';
import type { LenetName } from './table';
import { weights } from './weights';

/** The networks of the family, by their names in the zoo. */
export const lenet = {
  lenet1: {
    paper: papers.lenet1,
    recipe: recipes.lenet1,
    head: ['output'],
    /** See `Network`. */
    build: (options) => buildLenet('lenet1', options, recipes.lenet1),
  },
  lenet5: {
    paper: papers.lenet5,
    recipe: recipes.lenet5,
    head: ['output'],
    /** See `Network`. */
    build: (options) => buildLenet('lenet5', options, recipes.lenet5),
  },
  'lenet5-modern': {
    paper: papers['lenet5-modern'],
    recipe: recipes['lenet5-modern'],
    head: ['output'],
    /** See `Network`. */
    build: (options) => buildLenet('lenet5-modern', options, recipes['lenet5-modern']),
  },
  'lenet-caffe': {
    paper: papers['lenet-caffe'],
    recipe: recipes['lenet-caffe'],
    head: ['ip2'],
    weights: weights['lenet-caffe'],
    /** See `Network`. */
    build: (options) => buildLenet('lenet-caffe', options, recipes['lenet-caffe']),
  },
  'lenet-bouvrie': {
    paper: papers['lenet-bouvrie'],
    recipe: recipes['lenet-bouvrie'],
    head: ['output'],
    /** See `Network`. */
    build: (options) => buildLenet('lenet-bouvrie', options, recipes['lenet-bouvrie']),
  },
} as const satisfies Record<LenetName, Network>;
