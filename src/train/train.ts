/** The training loop: one update after another, for all epochs of the recipe. */
import { alone, type Communicator } from '../core/io/process/communicator';
import { eventLoopTurn } from '../core/io/process/event-loop';
import type { tf } from '../core/tf';
import { sampleBatches, trainingBatches } from '../data/loader/batches';
import type { BadImage } from '../data/image/image-error';
import type { ImageSet } from '../data/dataset';
import { updatesPerEpoch } from '../data/loader/sampler';
import { memoryLoader } from '../data/loader/memory-loader';
import type { Loader } from '../data/loader/prefetch';
import type { FittedPreprocess } from '../data/preprocess/preprocess';
import type { Recipe } from '../core/network';
import { Diverged, type Step } from './step/step';
import { warmedRate } from './schedule';
import { stepFor } from './step/choose-step';
import { imagesOfUpdate } from './step/gradient-descent';

/** Which model learns which images by which recipe. */
export interface TrainOptions {
  readonly model: tf.LayersModel;
  readonly recipe: Recipe;
  readonly data: ImageSet;
  /** Determines the order of the images and their distortions. */
  readonly seed: number;
  /** Default: `stepFor(model, recipe, seed)`. The caller disposes of a step that it passes in. */
  readonly step?: Step;
  /** Updates of this training that were done before; it resumes with the next one. Default: 0. */
  readonly done?: number;
  /** The values that the recipe's preprocessing computes from the training set, if any: see `fitRecipe`. */
  readonly fitted?: FittedPreprocess | undefined;
  /** Prepares the batches. Default: `memoryLoader()`, which reads no files; `openLoader()` does. The caller closes a loader that it passes in. */
  readonly loader?: Loader;
  /** The ranks that share each update's images. Default: this process has all of them. */
  readonly communicator?: Communicator | undefined;
  /** How often a `plateau` schedule has lowered the rate so far; called before each update. Default: never. */
  readonly drops?: () => number;
}

/** The result of one update. */
export interface Update {
  /** Counted from 0. */
  readonly epoch: number;
  /** Updates done since the start of the training, including this one. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** The mean loss of the update's images before it; 0 if none of its images could be read and nothing was learned. */
  readonly loss: number;
  /** The learning rate ε of the update. */
  readonly rate: number;
  /** Images of the update. */
  readonly images: number;
  /** Images that were left out of the batch because they could not be read. */
  readonly skipped: readonly BadImage[];
}

/**
 * Trains the model in place and yields after each update; the caller prints, evaluates and saves. The model's weights
 * are up to date after each epoch and at the end; `step.state.sync()` brings them up to date in between.
 * The same model, recipe, data and seed give the same weights. So does a training that is split into several by `done`,
 * if one `step` does them all or each step restores the state of the one before (`StepState.memory`).
 * @throws Diverged, a `UserError`, when the loss is no longer a finite number
 */
export async function* train(options: TrainOptions): AsyncGenerator<Update, void, undefined> {
  const { model, recipe, data, seed, fitted, communicator = alone } = options;
  const step = options.step ?? stepFor(model, recipe, seed, { communicator });
  const loader = options.loader ?? memoryLoader();
  const stepsPerEpoch = updatesPerEpoch(data.labels.length, recipe);
  const shown = { data, recipe, seed, fitted, loader };
  let done = options.done ?? 0;
  try {
    for await (const batch of trainingBatches({
      ...shown,
      done,
      communicator,
      bytes: step.takesBytes ?? false,
    })) {
      const epoch = Math.floor(done / stepsPerEpoch);
      if (done % stepsPerEpoch === 0) {
        await step.beforeEpoch?.((images) => sampleBatches({ ...shown, images, epoch }));
      }
      const rate = warmedRate(recipe, {
        step: done,
        stepsPerEpoch,
        epochs: recipe.epochs,
        drops: options.drops?.() ?? 0,
      });
      const { skipped = [] } = batch;
      const images = imagesOfUpdate(batch);
      const loss = images > 0 ? await step.run(batch, rate, done) : 0;
      done++;
      if (!Number.isFinite(loss)) throw new Diverged(diverged(loss, epoch, done, rate));
      if (done % stepsPerEpoch === 0) await step.state?.sync();
      await eventLoopTurn(); // TensorFlow's promises never leave the microtask queue: this lets timers and signals run
      yield { epoch, step: done, stepsPerEpoch, loss, rate, images, skipped };
    }
  } finally {
    await step.state?.sync();
    if (!options.step) step.dispose();
    if (!options.loader) await loader.close();
  }
}

function diverged(loss: number, epoch: number, step: number, rate: number): string {
  return `training: expected a finite loss, found ${loss} at step ${step} (epoch ${epoch}, rate ${rate}); try a lower rate`;
}
