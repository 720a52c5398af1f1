/** The command `bench`: images per second of a network, alone or beside Keras and PyTorch. */
import { join } from 'node:path';
import { networkNames, zoo, type NetworkName } from '../../models/registry';
import { UserError } from '../../src/core/errors';
import { benchText } from '../../src/report/bench/bench';
import type { BackendName, Runtime } from '../../src/runtime/backend';
import { peersTables } from '../../src/report/bench/peers';
import { cpuFeatures, machine } from '../../src/runtime/machine';
import {
  backendOption,
  chooseBackend,
  commit,
  jsonOption,
  print,
  stepOption,
  type Command,
} from '../cli/output';
import { benchNetwork } from '../workflows/bench-network';
import { benchPeers } from '../peers/bench/bench-peers';
import { expectUsed } from '../cli/options/shared-options';
import {
  checkPrecision,
  computesIn,
  precisions,
  type Precision,
  type StepKind,
} from '../../src/graph/precision';
import { positiveNumber, wholeNumber } from '../cli/numbers';

/**
 * Defaults are applied where options are used, not by the parser, so that an option without effect is refused only if
 * given.
 */
interface Arguments {
  network?: NetworkName | undefined;
  batch?: number | undefined;
  steps?: number | undefined;
  step?: StepKind | undefined;
  precision?: Precision | undefined;
  peers: boolean;
  python?: string | undefined;
  rounds?: number | undefined;
  seconds?: number | undefined;
  out?: string | undefined;
  backend?: BackendName | undefined;
  json: boolean;
}

const peersFolder = join('runs', 'peers');

export const bench: Command<Arguments> = {
  command: 'bench [network]',
  describe: 'images a second, for training and for inference',
  builder: (argv) =>
    jsonOption(backendOption(argv))
      .positional('network', { choices: networkNames, describe: 'its name' })
      .option('step', stepOption)
      .option('precision', {
        choices: precisions,
        describe:
          'of convolutions and matrix products in a compiled step (default: float32; with --peers also bfloat16, where the processor has it, or float16 on a GPU)',
      })
      .option('batch', { type: 'number', describe: "images at a time (default: the recipe's)" })
      .option('steps', { type: 'number', describe: 'updates and passes to time (default: 100)' })
      .option('peers', {
        type: 'boolean',
        default: false,
        describe:
          'beside Keras and PyTorch, in turns; without a network, on the five that stand in the README',
      })
      .option('python', { type: 'string', describe: 'a Python that has them (default: one in the cache)' })
      .option('rounds', { type: 'number', describe: 'turns of each, with --peers (default: 5)' })
      .option('seconds', { type: 'number', describe: 'a turn, with --peers (default: 2)' })
      .option('out', {
        type: 'string',
        describe: `where --peers keeps its figures (default: ${peersFolder})`,
      }),
  handler: async (given) => {
    expectOptionsUsed(given);
    if (given.peers) return comparePeers(given);
    if (!given.network) throw new UserError('bench: expected a network, or --peers; found neither');
    return benchOne({ ...given, network: given.network });
  },
};

/** @throws UserError for an option that would change nothing */
function expectOptionsUsed(given: Arguments): void {
  const { peers, network, batch } = given;
  const unused = peers ? (['step', 'steps'] as const) : (['python', 'rounds', 'seconds', 'out'] as const);
  expectUsed(given, unused, '--peers', peers);
  if (peers && batch !== undefined && network === undefined)
    throw new UserError('--batch: expected a network beside it, found none; each of the five has its own');
}

function peersPrecisions({ backend }: Runtime): readonly Precision[] {
  if (backend === 'tensorflow-gpu') return ['float32', 'float16'];
  return computesIn('bfloat16', cpuFeatures()) ? ['float32', 'bfloat16'] : ['float32'];
}

async function comparePeers({
  network,
  batch,
  precision,
  python,
  backend,
  json,
  out = peersFolder,
  ...given
}: Arguments): Promise<void> {
  if (network && zoo[network].recipe.optimiser.kind === 'winnerTakeAll')
    throw new UserError(`--peers: expected a network that learns by gradients, found ${network}`);
  const runtime = await chooseBackend(backend);
  if (!runtime.backend.startsWith('tensorflow'))
    throw new UserError(
      `--peers: expected backend tensorflow or tensorflow-gpu, found ${backend === undefined ? '' : '--backend '}${runtime.backend}`,
    );
  checkPrecision('compiled', precision ?? 'float32', runtime.backend, cpuFeatures());
  const rounds = wholeNumber('--rounds', given.rounds ?? 5, 1);
  const found = await benchPeers(runtime, {
    network,
    batch: batch === undefined ? undefined : wholeNumber('--batch', batch, 1),
    precisions: precision ? [precision] : peersPrecisions(runtime),
    rounds,
    seconds: positiveNumber('--seconds', given.seconds ?? 2),
    python,
    out,
  });
  print(json, { benches: found }, `${peersTables(found)}\n\nwritten to ${out}`);
}

async function benchOne({
  network,
  batch = zoo[network].recipe.batchSize,
  steps = 100,
  step: kind = 'auto',
  precision = 'float32',
  backend,
  json,
}: Arguments & { readonly network: NetworkName }): Promise<void> {
  const sizes = { batch: wholeNumber('--batch', batch, 1), steps: wholeNumber('--steps', steps, 1) };
  const runtime = await chooseBackend(backend);
  const found = await benchNetwork(runtime, { network, ...sizes, kind, precision });
  print(json, { ...found, commit: commit(), machine: machine(runtime) }, benchText(found));
}
