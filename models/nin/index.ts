/** The Network in Network family as networks of the zoo. */
import type { Network } from '../../src/core/network';
import { buildNin } from './build';
import * as papers from './paper';
import * as recipes from './recipe';
import * as tables from './table';
import * as weights from './weights';

export const ninImagenet = {
  paper: papers.ninImagenet,
  recipe: recipes.ninImagenet,
  head: ['cccp8-1024'],
  weights: weights.ninImagenet,
  /** See `Network`. */
  build: (options) => buildNin('nin-imagenet', tables.ninImagenet, options, recipes.ninImagenet),
} as const satisfies Network;

export const ninCifar10 = {
  paper: papers.ninCifar10,
  recipe: recipes.ninCifar10,
  head: ['cccp6'],
  /** See `Network`. */
  build: (options) => buildNin('nin-cifar10', tables.ninCifar10, options, recipes.ninCifar10),
} as const satisfies Network;

export const ninCifar10Caffe = {
  paper: papers.ninCifar10Caffe,
  recipe: recipes.ninCifar10Caffe,
  head: ['cccp6'],
  weights: weights.ninCifar10Caffe,
  /** See `Network`. */
  build: (options) => buildNin('nin-cifar10-caffe', tables.ninCifar10Caffe, options, recipes.ninCifar10Caffe),
} as const satisfies Network;

export const ninCifar100 = {
  paper: papers.ninCifar100,
  recipe: recipes.ninCifar100,
  head: ['cccp6'],
  /** See `Network`. */
  build: (options) => buildNin('nin-cifar100', tables.ninCifar100, options, recipes.ninCifar100),
} as const satisfies Network;

export const ninMnist = {
  paper: papers.ninMnist,
  recipe: recipes.ninMnist,
  head: ['cccp6'],
  /** See `Network`. */
  build: (options) => buildNin('nin-mnist', tables.ninMnist, options, recipes.ninMnist),
} as const satisfies Network;

export const ninSvhn = {
  paper: papers.ninSvhn,
  recipe: recipes.ninSvhn,
  head: ['cccp6'],
  /** See `Network`. */
  build: (options) => buildNin('nin-svhn', tables.ninSvhn, options, recipes.ninSvhn),
} as const satisfies Network;

/** The networks of the family, by their names in the zoo. */
export const family = {
  'nin-imagenet': ninImagenet,
  'nin-cifar10': ninCifar10,
  'nin-cifar10-caffe': ninCifar10Caffe,
  'nin-cifar100': ninCifar100,
  'nin-mnist': ninMnist,
  'nin-svhn': ninSvhn,
} as const satisfies Record<string, Network>;
