/** The zoo: every network of every family, under the name that commands and reports use. */
import { withCheckedOptions } from '../src/core/given/build-options';
import type { Network } from '../src/core/network';
import { family as alexnet } from './alexnet';
import { family as googlenet } from './googlenet';
import { family as lecun1989 } from './lecun1989';
import { family as lenet } from './lenet';
import { aliasesOf, networkNames, otherMeanings, type NetworkAlias, type NetworkName } from './names';
import { family as neocognitron } from './neocognitron';
import { family as nin } from './nin';
import { family as vgg } from './vgg';

export { networkNames, type NetworkAlias, type NetworkName };

/** Every network, by the name that commands and reports use. */
export const zoo = withCheckedOptions(
  withOtherNames({
    ...neocognitron,
    ...lecun1989,
    ...lenet,
    ...alexnet,
    ...vgg,
    ...nin,
    ...googlenet,
  } as const satisfies Record<NetworkName, Network>),
);

/** The networks with what else they are called. */
function withOtherNames<Networks extends Readonly<Record<NetworkName, Network>>>(
  networks: Networks,
): Networks {
  const named = networkNames.map((name) => {
    const [aliases, elsewhere] = [aliasesOf(name), otherMeanings[name]];
    if (aliases.length === 0 && elsewhere === undefined) return [name, networks[name]] as const;
    const called: Network['called'] = { aliases, ...(elsewhere !== undefined && { elsewhere }) };
    return [name, { ...networks[name], called }] as const;
  });
  return Object.fromEntries(named) as unknown as Networks;
}

/** A network without its name in `names.ts` makes this line an error. */
null as unknown as keyof typeof zoo satisfies NetworkName;
