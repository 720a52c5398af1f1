import { join } from 'node:path';
import { networkNames, zoo, type NetworkName } from '../models/registry';
import { publishedSets } from '../src/data/published-sets';
import { UserError } from '../src/errors';
import {
  benchText,
  measureInference,
  measureInferenceLayers,
  measureLayers,
  measureTraining,
  randomBatch,
} from '../src/report/bench';
import type { BackendName, Runtime } from '../src/runtime/backend';
import { peersTables } from '../src/report/peers';
import { cpuFeatures, machine } from '../src/runtime/machine';
import { eagerForward, forwardOf } from '../src/train/forward';
import {
  checkPrecision,
  computesIn,
  precisions,
  stepFor,
  type Precision,
  type StepKind,
} from '../src/train/step-for';
import { backendOption, chooseBackend, commit, jsonOption, note, print, stepOption } from './cli';
import type { Command } from './cli';
import { benchPeers } from './bench-peers';
import { positiveNumber, wholeNumber } from './run-start';

interface Arguments {
  network?: NetworkName | undefined;
  batch?: number | undefined;
  steps: number;
  step: StepKind;
  precision?: Precision | undefined;
  peers: boolean;
  python?: string | undefined;
  rounds: number;
  seconds: number;
  out: string;
  backend?: BackendName | undefined;
  json: boolean;
}

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
      .option('steps', { type: 'number', default: 100, describe: 'updates and passes to time' })
      .option('peers', {
        type: 'boolean',
        default: false,
        describe:
          'beside Keras and PyTorch, in turns; without a network, on the five that stand in the README',
      })
      .option('python', { type: 'string', describe: 'a Python that has them (default: one in the cache)' })
      .option('rounds', { type: 'number', default: 5, describe: 'turns of each, with --peers' })
      .option('seconds', { type: 'number', default: 2, describe: 'a turn, with --peers' })
      .option('out', {
        type: 'string',
        default: join('runs', 'peers'),
        describe: 'where --peers keeps its figures',
      }),
  handler: async (given) => {
    if (given.peers) return comparePeers(given);
    if (!given.network) throw new UserError('bench: expected a network, or --peers; found neither');
    return benchOne({ ...given, network: given.network, precision: given.precision ?? 'float32' });
  },
};

function peersPrecisions({ backend }: Runtime): readonly Precision[] {
  if (backend === 'tensorflow-gpu') return ['float32', 'float16'];
  return computesIn('bfloat16', cpuFeatures()) ? ['float32', 'bfloat16'] : ['float32'];
}

type OneNetwork = Arguments & { readonly network: NetworkName; readonly precision: Precision };

async function comparePeers(given: Arguments): Promise<void> {
  const { network, batch, precision, python, out, json, backend } = given;
  const runtime = await chooseBackend(backend);
  checkPrecision('compiled', precision ?? 'float32', runtime.backend, cpuFeatures());
  const rounds = wholeNumber('--rounds', given.rounds, 1);
  const found = await benchPeers(runtime, {
    network,
    batch: batch === undefined ? undefined : wholeNumber('--batch', batch, 1),
    precisions: precision ? [precision] : peersPrecisions(runtime),
    rounds,
    seconds: positiveNumber('--seconds', given.seconds),
    python,
    out,
  });
  print(json, { benches: found }, `${peersTables(found)}\n\nwritten to ${out}`);
}

async function benchOne({
  network,
  batch: asked,
  steps: given,
  backend,
  step: kind,
  precision,
  json,
}: OneNetwork): Promise<void> {
  const size = wholeNumber('--batch', asked ?? zoo[network].recipe.batchSize, 1);
  const steps = wholeNumber('--steps', given, 1);
  const runtime = await chooseBackend(backend);
  checkPrecision(kind, precision, runtime.backend, cpuFeatures());
  const { recipe, build } = zoo[network];
  const classes = publishedSets[recipe.dataset]?.classes ?? 10;
  const model = build({ classes, seed: 1 });
  const batch = randomBatch(size, recipe.input.shape, classes);
  const forward = kind === 'eager' ? eagerForward(model) : forwardOf(model);
  const inference = await measureInference(forward, batch, steps);
  const names = model.layers.map(({ name }) => name);
  const inferenceLayers = await measureInferenceLayers(forward, batch, Math.min(steps, 10), names);
  forward.dispose();
  let used = kind === 'auto' ? (runtime.tensorflow === null ? 'eager' : 'compiled') : kind;
  const onFallBack = (why: string) => {
    used = 'eager';
    note(why);
  };
  const stepper = stepFor(model, recipe, 1, { kind, precision, onFallBack });
  const training = await measureTraining(stepper, batch, steps);
  const layers = await measureLayers(stepper, batch, Math.min(steps, 10), names);
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const found = {
    network,
    batch: size,
    backend: runtime.backend,
    step: used,
    precision,
    training,
    inference,
    layers,
    inferenceLayers,
    recorded: stepper.recorded(),
    peakBytes,
  };
  print(json, { ...found, commit: commit(), machine: machine(runtime) }, benchText(found));
}
