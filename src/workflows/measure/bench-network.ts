/** Times one network’s updates and forward passes on a random batch. */
import { publishedDataset } from '../../data/datasets/catalogue';
import {
  measureInference,
  measureInferenceLayers,
  measureLayers,
  measureTraining,
  randomBatch,
  type Bench,
} from '../../report/bench/bench';
import { cpuFeatures, machine, peakBytes, type Machine } from '../../runtime/machine';
import { forwardFor } from '../../evaluate/scores/forward';
import { checkRule, stepFor } from '../../train/step/choose-step';
import { expectOptions, type OptionNames } from '../../core/given/options';
import { wholeNumber } from '../../core/given/numbers';
import { option } from '../../core/text/wording';
import { defaults } from '../choices';
import { networkOf, openContext, workflowOptions, type WorkflowOptions, type Zoo } from '../context';
import { checkPrecision, precisions, stepKinds, type Precision, type StepKind } from '../../graph/precision';

export interface BenchOptions extends WorkflowOptions {
  /** Images at a time. Default: the recipe's. */
  readonly batch?: number | undefined;
  /** How many updates, and how many passes, to time. Default: 100. */
  readonly steps?: number | undefined;
  /** Default: `auto`. */
  readonly step?: StepKind | undefined;
  /** Default: `float32`. */
  readonly precision?: Precision | undefined;
}

const names: OptionNames<BenchOptions> = {
  batch: 'optional',
  steps: 'optional',
  step: stepKinds,
  precision: precisions,
  ...workflowOptions,
};

/**
 * Times one network's updates and passes, using the same random batch every time.
 * @param name the network's name in the zoo
 * @throws UserError for a step or a precision that is not to be had here
 */
export async function bench(
  zoo: Zoo,
  name: string,
  options: BenchOptions = {},
): Promise<Bench & { readonly commit: string | null; readonly machine: Machine }> {
  expectOptions('bench', options, names);
  const { recipe, build } = networkOf(zoo, name, option('network'));
  const { step: kind = 'auto', precision = 'float32' } = options;
  const size = wholeNumber('batch', options.batch ?? recipe.batchSize, 1);
  const steps = wholeNumber('steps', options.steps ?? defaults.benchSteps, 1);
  const context = await openContext(zoo, ['bench', name, options], options);
  const { backend } = context.runtime;
  checkPrecision(kind, precision, backend, cpuFeatures());
  checkRule(recipe, { kind, precision });
  const classes = publishedDataset(recipe.dataset)?.classes ?? 10;
  const model = build({ classes, seed: 1 });
  const batch = randomBatch(size, recipe.input.shape, classes);
  const forward = forwardFor(model, { kind, precision });
  const inference = await measureInference(forward, batch, steps);
  const inferenceLayers = await measureInferenceLayers(forward, model, batch, Math.min(steps, 10));
  forward.dispose();
  const step = stepFor(model, recipe, 1, { kind, precision, onFallBack: context.remark });
  const training = await measureTraining(step, batch, steps);
  const layers = await measureLayers(step, model, batch, Math.min(steps, 10));
  const recorded = step.profile?.recorded() ?? null;
  const found: Bench = {
    network: name,
    batch: size,
    backend,
    step: recorded ? 'compiled' : 'eager',
    precision,
    training,
    inference,
    layers,
    inferenceLayers,
    recorded,
    peakBytes: peakBytes(),
  };
  step.dispose();
  model.dispose();
  return { ...found, commit: context.provenance.commit, machine: machine(context.runtime) };
}
