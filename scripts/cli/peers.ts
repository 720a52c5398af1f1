/** Loads what compares this program with other toolkits, when it is asked for. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as ComparePeers from '../peers/bench/compare-peers';
import type * as TorchLoader from '../peers/bench/torch-loader';

const load = createRequire(__filename);

/** Where `bench --peers` keeps its figures. */
export const peersFolder = join('runs', 'peers');

export function loadPeers() {
  return {
    ...(load('../peers/bench/compare-peers') as typeof ComparePeers),
    ...(load('../peers/bench/torch-loader') as typeof TorchLoader),
  };
}
