/** The zoo: every network of every family, under the name that commands and reports use. */
import type { Network } from '../src/core/network';
import { alexnet } from './alexnet';
import { googlenet } from './googlenet';
import { lecun1989 } from './lecun1989';
import { lenet } from './lenet';
import { neocognitron } from './neocognitron';
import { nin } from './nin';
import { vgg } from './vgg';

/** Every network, by the name that commands and reports use. */
export const zoo = {
  ...neocognitron,
  ...lecun1989,
  ...lenet,
  ...alexnet,
  ...vgg,
  ...nin,
  ...googlenet,
} as const satisfies Record<string, Network>;

/** The name of a network of the zoo. */
export type NetworkName = keyof typeof zoo;

/** The names of all networks of the zoo, in the order of its table. */
export const networkNames = Object.keys(zoo) as readonly NetworkName[];
