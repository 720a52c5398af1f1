/** Loads what compares this program with other toolkits, which is there in a clone of the source alone. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { UserError } from '../../src/core/errors';
import type * as ComparePeers from '../peers/bench/compare-peers';
import type * as TorchLoader from '../peers/bench/torch-loader';

const load = createRequire(__filename);

/** Where `bench --peers` keeps its figures. */
export const peersFolder = join('runs', 'peers');

/** @throws UserError in an installed package */
export function loadPeers() {
  if (!existsSync(join(__dirname, '../peers')))
    throw new UserError(
      'expected a clone of the source, which has the programs of other toolkits, found an installed package',
    );
  return {
    ...(load('../peers/bench/compare-peers') as typeof ComparePeers),
    ...(load('../peers/bench/torch-loader') as typeof TorchLoader),
  };
}
