/** The zoo: every network of every family, under the name that commands and reports use. */
import { withCheckedOptions } from '../src/core/given/build-options';
import type { Network } from '../src/core/network';
import { family as alexnet } from './alexnet';
import { family as googlenet } from './googlenet';
import { family as lecun1989 } from './lecun1989';
import { family as lenet } from './lenet';
import { networkNames, type NetworkName } from './names';
import { family as neocognitron } from './neocognitron';
import { family as nin } from './nin';
import { family as vgg } from './vgg';

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
