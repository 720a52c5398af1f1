/** The zoo: every network of every family, under the name that commands and reports use. */
import { withCheckedOptions } from '../src/core/given/build-options';
import type { Network } from '../src/core/network';
import { alexnet } from './alexnet';
import { googlenet } from './googlenet';
import { lecun1989 } from './lecun1989';
import { lenet } from './lenet';
import { networkNames, type NetworkName } from './names';
import { neocognitron } from './neocognitron';
import { nin } from './nin';
import { vgg } from './vgg';

export { networkNames, type NetworkName };

/** Every network, by the name that commands and reports use. */
export const zoo = withCheckedOptions({
  ...neocognitron,
  ...lecun1989,
  ...lenet,
  ...alexnet,
  ...vgg,
  ...nin,
  ...googlenet,
} as const satisfies Record<NetworkName, Network>);

/** A network without its name in `names.ts` makes this line an error. */
null as unknown as keyof typeof zoo satisfies NetworkName;
