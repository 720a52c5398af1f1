/** Loads what compares this program with other toolkits, which is there in a clone of the source alone. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../src/core/errors';

/** Where `bench --peers` keeps its figures. */
export const peersFolder = join('runs', 'peers');

/** @throws UserError in an installed package */
export async function loadPeers() {
  if (!existsSync(join(__dirname, '../peers')))
    throw new UserError(
      'expected a clone of the source, which has the programs of other toolkits, found an installed package',
    );
  return {
    ...(await import('../peers/bench/compare-peers.js')),
    ...(await import('../peers/bench/torch-loader.js')),
  };
}
