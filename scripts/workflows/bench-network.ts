/** Times one network’s updates and forward passes on a random batch. */
import { zoo, type NetworkName } from '../../models/registry';
import { publishedDataset } from '../../src/data/datasets/catalogue';
import {
  measureInference,
  measureInferenceLayers,
  measureLayers,
  measureTraining,
  randomBatch,
  type Bench,
} from '../../src/report/bench/bench';
import type { Runtime } from '../../src/runtime/backend';
import { cpuFeatures } from '../../src/runtime/machine';
import { forwardFor } from '../../src/evaluate/scores/forward';
import { checkRule, stepFor } from '../../src/train/step/choose-step';
import { note } from '../cli/output';
import { checkPrecision, type Precision, type StepKind } from '../../src/graph/precision';

export interface NetworkOptions {
  readonly network: NetworkName;
  readonly batch: number;
  /** How many updates, and how many passes, to time. */
  readonly steps: number;
  readonly kind: StepKind;
  readonly precision: Precision;
}

/** Times one network's updates and passes, using the same batch every time. */
export async function benchNetwork(
  { backend }: Runtime,
  { network, batch: size, steps, kind, precision }: NetworkOptions,
): Promise<Bench> {
  const { recipe, build } = zoo[network];
  checkPrecision(kind, precision, backend, cpuFeatures());
  checkRule(recipe, { kind, precision });
  const classes = publishedDataset(recipe.dataset)?.classes ?? 10;
  const model = build({ classes, seed: 1 });
  const batch = randomBatch(size, recipe.input.shape, classes);
  const forward = forwardFor(model, { kind, precision });
  const inference = await measureInference(forward, batch, steps);
  const inferenceLayers = await measureInferenceLayers(forward, model, batch, Math.min(steps, 10));
  forward.dispose();
  const step = stepFor(model, recipe, 1, { kind, precision, onFallBack: note });
  const training = await measureTraining(step, batch, steps);
  const layers = await measureLayers(step, model, batch, Math.min(steps, 10));
  const recorded = step.profile?.recorded() ?? null;
  return {
    network,
    batch: size,
    backend,
    step: recorded ? 'compiled' : 'eager',
    precision,
    training,
    inference,
    layers,
    inferenceLayers,
    recorded,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
}
