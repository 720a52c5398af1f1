import { setImmediate } from 'node:timers/promises';
import type { tf } from '../tf';
import { UserError } from '../errors';
import type { Dataset } from '../data/dataset';
import type { Recipe } from '../network';
import { batches, batchesPerEpoch } from '../data/batches';
import { rateAt } from './schedule';
import type { Step } from './step';
import { stepFor } from './step-for';

export interface TrainOptions {
  readonly model: tf.LayersModel;
  readonly recipe: Recipe;
  readonly data: Dataset;
  /** Fixes the order of the images and their distortions. */
  readonly seed: number;
  /** Default: `stepFor(model, recipe, seed)`. A step that is passed in stays the caller's to dispose of. */
  readonly step?: Step;
  /** Updates done before, in this training; it goes on with the next one. Default: 0. */
  readonly done?: number;
  /** How often a `plateau` has lowered the rate by now; asked before each update. Default: never. */
  readonly drops?: () => number;
}

/** What has happened with one update. */
export interface Update {
  /** Counted from 0. */
  readonly epoch: number;
  /** Updates done since the start of the training, this one included. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** The batch's mean loss before the update. */
  readonly loss: number;
  /** The learning rate ε of the update. */
  readonly rate: number;
  /** Images in the batch. */
  readonly images: number;
}

/**
 * Trains the model in place and yields after each update; whoever iterates prints, evaluates and saves. The model's
 * weights are up to date after each epoch and at the end; in between, `step.sync()` brings them.
 * The same model, recipe, data and seed give the same weights, whether in one go or in several with `done`.
 * @throws UserError when the loss is no longer a finite number
 */
export async function* train(options: TrainOptions): AsyncGenerator<Update, void, undefined> {
  const { model, recipe, data, seed } = options;
  const step = options.step ?? stepFor(model, recipe, seed);
  const stepsPerEpoch = batchesPerEpoch(data, recipe.batchSize);
  let done = options.done ?? 0;
  try {
    for (let epoch = Math.floor(done / stepsPerEpoch); epoch < recipe.epochs; epoch++) {
      const from = done - epoch * stepsPerEpoch;
      for await (const batch of ahead(batches({ data, recipe, seed, epoch, from }))) {
        const rate = rateAt(recipe.schedule, {
          step: done,
          stepsPerEpoch,
          epochs: recipe.epochs,
          drops: options.drops?.() ?? 0,
        });
        const loss = await step.run(batch, rate, done);
        done++;
        if (!Number.isFinite(loss)) throw new UserError(diverged(loss, epoch, done, rate));
        if (done % stepsPerEpoch === 0) await step.sync();
        await setImmediate(); // TensorFlow's promises never leave the micro-task queue: let timers and signals in
        yield { epoch, step: done, stepsPerEpoch, loss, rate, images: batch.labels.length };
      }
    }
  } finally {
    await step.sync();
    if (!options.step) step.dispose();
  }
}

/** Prepares each item while the one before it is in use. */
async function* ahead<T>(items: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  try {
    for (let next = items.next(); ;) {
      const item = await next;
      if (item.done) return;
      next = items.next();
      next.catch(() => {}); // thrown where it is awaited, unless nobody wants the item any more
      yield item.value;
    }
  } finally {
    await items.return();
  }
}

function diverged(loss: number, epoch: number, step: number, rate: number): string {
  return `training: expected a finite loss, found ${loss} at step ${step} (epoch ${epoch}, rate ${rate}); try a lower rate`;
}
