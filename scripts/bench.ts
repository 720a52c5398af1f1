import { networkNames, zoo, type NetworkName } from '../models/registry';
import { publishedSets } from '../src/data/published-sets';
import { benchText, measureInference, measureTraining, randomBatch } from '../src/report/bench';
import type { BackendName } from '../src/runtime/backend';
import { machine } from '../src/runtime/machine';
import { eagerForward, forwardOf } from '../src/train/forward';
import { checkPrecision, stepFor, type Precision, type StepKind } from '../src/train/step-for';
import { backendOption, chooseBackend, commit, jsonOption, note, print, stepOptions } from './cli';
import type { Command } from './cli';
import { wholeNumber } from './run-start';

interface Arguments {
  network: NetworkName;
  batch?: number | undefined;
  steps: number;
  step: StepKind;
  precision: Precision;
  backend?: BackendName | undefined;
  json: boolean;
}

export const bench: Command<Arguments> = {
  command: 'bench <network>',
  describe: 'images a second, for training and for inference',
  builder: (argv) =>
    jsonOption(stepOptions(backendOption(argv)))
      .positional('network', { choices: networkNames, demandOption: true, describe: 'its name' })
      .option('batch', { type: 'number', describe: "images at a time (default: the recipe's)" })
      .option('steps', { type: 'number', default: 100, describe: 'updates and passes to time' }),
  handler: async ({ network, batch: asked, steps: given, backend, step: kind, precision, json }) => {
    const size = wholeNumber('--batch', asked ?? zoo[network].recipe.batchSize, 1);
    const steps = wholeNumber('--steps', given, 1);
    const runtime = await chooseBackend(backend);
    checkPrecision(kind, precision, runtime.backend);
    const { recipe, build } = zoo[network];
    const classes = publishedSets[recipe.dataset]?.classes ?? 10;
    const model = build({ classes, seed: 1 });
    const batch = randomBatch(size, recipe.input.shape, classes);
    const forward = kind === 'eager' ? eagerForward(model) : forwardOf(model);
    const inference = await measureInference(forward, batch, steps);
    forward.dispose();
    let used = kind === 'auto' ? (runtime.tensorflow === null ? 'eager' : 'compiled') : kind;
    const onFallBack = (why: string) => {
      used = 'eager';
      note(why);
    };
    const training = await measureTraining(
      stepFor(model, recipe, 1, { kind, precision, onFallBack }),
      batch,
      steps,
    );
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    const found = {
      network,
      batch: size,
      backend: runtime.backend,
      step: used,
      precision,
      training,
      inference,
      peakBytes,
    };
    print(json, { ...found, commit: commit(), machine: machine(runtime) }, benchText(found));
  },
};
