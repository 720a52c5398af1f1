/** Which options may be combined with `--resume`: none that was fixed when the run began. */
import { UserError } from '../../../src/core/errors';
import { openRun, type RunRecord } from '../../../src/train/run/run-record';

/** Describes the value that a run has for an option; undefined if the run does not record it. */
type Settled = (record: RunRecord) => string | number | undefined;

/** Options of `train` that are fixed when a run begins. */
export const settledByTrain = {
  network: ({ network }) => network,
  out: undefined,
  'start-from': ({ start }) => start?.checkpoint ?? 'none',
  seed: ({ seed }) => seed,
  epochs: ({ recipe }) => recipe.epochs,
  batch: ({ recipe }) => recipe.batchSize,
  set: undefined,
  validation: ({ validationImages }) => validationImages,
  'validation-split': ({ validationSplit }) => validationSplit ?? 'none',
  'checkpoint-every': ({ checkpointEvery }) => checkpointEvery,
  step: ({ step }) => step,
  precision: ({ precision }) => precision,
  cache: ({ cache }) => cache ?? 'none',
} satisfies Readonly<Record<string, Settled | undefined>>;

/** Options of `finetune` that are fixed when a run begins. */
export const settledByFinetune = {
  network: ({ network }) => network,
  weights: ({ finetune }) => finetune?.weights,
  names: ({ finetune }) => finetune?.names ?? 'none',
  out: undefined,
  freeze: ({ finetune }) => finetune?.frozen.join(' ') || 'none',
  method: ({ recipe }) => (recipe.optimiser.kind === 'lbfgs' ? 'solve' : 'descend'),
  'with-validation': ({ finetune }) => String(finetune?.withValidation ?? false),
  'layer-rate': undefined,
  rate: undefined,
  epochs: ({ recipe }) => recipe.epochs,
  batch: ({ recipe }) => recipe.batchSize,
  variants: ({ recipe }) => recipe.variants ?? 'none',
  patience: ({ patience }) => patience ?? 'none',
  'class-weights': ({ recipe: { loss } }) =>
    loss.kind === 'softmaxCrossEntropy' && loss.classWeights ? 'balanced' : 'none',
  'validation-split': ({ validationSplit }) => validationSplit ?? 'none',
  set: undefined,
  seed: ({ seed }) => seed,
  step: ({ step }) => step,
  precision: ({ precision }) => precision,
  cache: ({ cache }) => cache ?? 'none',
} satisfies Readonly<Record<string, Settled | undefined>>;

/**
 * @param given the options that were given, without defaults
 * @throws UserError for the first option that the run has fixed, naming the run's value
 */
export async function expectGoingOn(
  folder: string,
  given: Readonly<Record<string, unknown>>,
  settled: Readonly<Record<string, Settled | undefined>>,
): Promise<void> {
  const option = Object.keys(settled).find((name) => given[name] !== undefined);
  if (option === undefined) return;
  const has = settled[option]?.(await openRun(folder));
  const own =
    has === undefined
      ? 'continues as it began'
      : has === 'none' || has === 'false'
        ? 'began without'
        : `continues with its own, ${String(has)}`;
  throw new UserError(
    `${asGiven(option, given[option])} belongs to the start of a run: leave it out with --resume ${folder}, which ${own}`,
  );
}

/** The option as it was written on the command line. */
function asGiven(option: string, value: unknown): string {
  if (value === true) return `--${option}`;
  const text = Array.isArray(value) ? value.join(' ') : String(value);
  return option === 'network' ? `the network ${text}` : `--${option} ${text}`;
}
