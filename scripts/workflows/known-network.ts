/** Looks up the network of the zoo that a file names, and fails if there is none. */
import { networkNames, type NetworkName } from '../../models/registry';
import { UserError } from '../../src/core/errors';

/**
 * @param name the network's name in the file
 * @param where the file's folder, for messages
 * @throws UserError if the zoo has no network of that name
 */
export function knownNetwork(name: string, where: string): NetworkName {
  const network = networkNames.find((one) => one === name);
  if (network) return network;
  throw new UserError(`${where}: expected a network of the zoo, found ${name}`);
}
