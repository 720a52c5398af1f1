/** Times ours beside Keras and PyTorch as the command line asks: `bench --peers`. */
import { zoo, type NetworkName } from '../../../models/registry';
import { UserError } from '../../../src/core/errors';
import { positiveNumber, wholeNumber } from '../../../src/core/given/numbers';
import { checkPrecision, computesIn, type Precision } from '../../../src/graph/precision';
import { peersTables } from '../../../src/report/bench/peers';
import { useBackend, type BackendName, type Runtime } from '../../../src/runtime/backend';
import { cpuFeatures } from '../../../src/runtime/machine';
import { peersFolder } from '../../cli/peers';
import { benchPeers } from './bench-peers';

export interface Asked {
  readonly network: NetworkName | undefined;
  readonly batch: number | undefined;
  readonly precision: Precision | undefined;
  readonly python: string | undefined;
  readonly rounds: number | undefined;
  readonly seconds: number | undefined;
  readonly out: string | undefined;
  readonly backend: BackendName | undefined;
}

export async function comparePeers({ network, batch, precision, python, backend, ...given }: Asked) {
  const { out = peersFolder } = given;
  if (batch !== undefined && network === undefined)
    throw new UserError('--batch: expected a network beside it, found none; each of the five has its own');
  if (network && zoo[network].recipe.optimiser.kind === 'winnerTakeAll')
    throw new UserError(`--peers: expected a network that learns by gradients, found ${network}`);
  const runtime = await useBackend(backend);
  if (!runtime.backend.startsWith('tensorflow'))
    throw new UserError(
      `--peers: expected backend tensorflow or tensorflow-gpu, found ${backend === undefined ? '' : '--backend '}${runtime.backend}`,
    );
  checkPrecision('compiled', precision ?? 'float32', runtime.backend, cpuFeatures());
  const benches = await benchPeers(runtime, {
    network,
    batch: batch === undefined ? undefined : wholeNumber('batch', batch, 1),
    precisions: precision ? [precision] : precisionsFor(runtime),
    rounds: wholeNumber('rounds', given.rounds ?? 5, 1),
    seconds: positiveNumber('seconds', given.seconds ?? 2),
    python,
    out,
  });
  return { benches, text: `${peersTables(benches)}\n\nwritten to ${out}` };
}

function precisionsFor({ backend }: Runtime): readonly Precision[] {
  if (backend === 'tensorflow-gpu') return ['float32', 'float16'];
  return computesIn('bfloat16', cpuFeatures()) ? ['float32', 'bfloat16'] : ['float32'];
}
