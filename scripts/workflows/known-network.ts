/** The network of the zoo that a file names, or a refusal. */
import { networkNames, type NetworkName } from '../../models/registry';
import { UserError } from '../../src/core/errors';

/**
 * @param name of a network, as a file says
 * @param where names the file's folder in messages
 * @throws UserError where there is none of that name
 */
export function knownNetwork(name: string, where: string): NetworkName {
  const network = networkNames.find((one) => one === name);
  if (network) return network;
  throw new UserError(`${where}: expected a network of the zoo, found ${name}`);
}
