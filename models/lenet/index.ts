/** The LeNet family as networks of the zoo. */
import type { Network } from '../../src/core/network';
import { buildLenet } from './build';
import * as papers from './paper';
import * as recipes from './recipe';
import * as tables from './table';
import { variantLayer } from './variant-layers';
import * as weights from './weights';

export const lenet1 = {
  paper: papers.lenet1,
  recipe: recipes.lenet1,
  head: ['output'],
  /** See `Network`. */
  build: (options) => buildLenet('lenet1', tables.lenet1, options, recipes.lenet1),
} as const satisfies Network;

export const lenet5 = {
  paper: papers.lenet5,
  recipe: recipes.lenet5,
  head: ['output'],
  /** See `Network`. */
  build: (options) => buildLenet('lenet5', tables.lenet5, options, recipes.lenet5),
} as const satisfies Network;

export const lenet5Modern = {
  paper: papers.lenet5Modern,
  recipe: recipes.lenet5Modern,
  head: ['output'],
  /** See `Network`. */
  build: (options) => buildLenet('lenet5-modern', tables.lenet5Modern, options, recipes.lenet5Modern),
} as const satisfies Network;

export const lenetCaffe = {
  paper: papers.lenetCaffe,
  recipe: recipes.lenetCaffe,
  head: ['ip2'],
  weights: weights.lenetCaffe,
  /** See `Network`. */
  build: (options) => buildLenet('lenet-caffe', tables.lenetCaffe, options, recipes.lenetCaffe, variantLayer),
} as const satisfies Network;

export const lenetBouvrie = {
  paper: papers.lenetBouvrie,
  recipe: recipes.lenetBouvrie,
  head: ['output'],
  /** See `Network`. */
  build: (options) =>
    buildLenet('lenet-bouvrie', tables.lenetBouvrie, options, recipes.lenetBouvrie, variantLayer),
} as const satisfies Network;

/** The networks of the family, by their names in the zoo. */
export const family = {
  lenet1,
  lenet5,
  'lenet5-modern': lenet5Modern,
  'lenet-caffe': lenetCaffe,
  'lenet-bouvrie': lenetBouvrie,
} as const satisfies Record<string, Network>;
