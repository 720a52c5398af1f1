import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { tf } from '../tf';
import type { Dataset } from '../data/dataset';
import type { Network } from '../network';
import { loadCheckpoint, saveCheckpoint, type Progress } from './checkpoint';
import { errorOf } from './predictions';
import { holdOut } from './hold-out';
import { openLog, type EpochSummary, type Log } from './log';
import { runFiles, type RunRecord } from './run-record';
import { afterEpoch } from './schedule';
import { arraysOf, setWeights } from '../weights/named-array';
import { takeStart } from './start-from';
import type { Step } from './step';
import { stepFor } from './step-for';
import { train, type Update } from './train';

export interface TrainRunOptions {
  /** Made by `createRun`; if a checkpoint lies in it, the training goes on from there. */
  readonly folder: string;
  readonly record: RunRecord;
  readonly network: Network;
  /** The whole training set; the record says how many images of it are held out. */
  readonly data: Dataset;
  /** Told in one line when the step turns out not to be compiled. */
  readonly onFallBack?: (why: string) => void;
  readonly onUpdate?: (update: Update) => void;
  readonly onEpoch?: (summary: EpochSummary) => void;
  /** Aborting it saves a checkpoint after the running update and ends the training. */
  readonly signal?: AbortSignal;
}

export interface TrainRunResult {
  /** With the weights of the last update, or their averages where the recipe keeps them. The caller disposes of it. */
  readonly model: tf.LayersModel;
  readonly progress: Progress;
  readonly finished: boolean;
}

/** Updates between two lines of the log. */
const logEvery = 50;

/** Trains in a run's folder: log and checkpoints as it goes, so that it can be killed at any moment and resumed. */
export async function trainRun(options: TrainRunOptions): Promise<TrainRunResult> {
  const { folder, record, network } = options;
  const { recipe, seed, classes } = record;
  const model = network.build({ classes, input: recipe.input.shape, seed });
  const path = join(folder, runFiles.last);
  const begun = existsSync(path);
  if (!begun && record.start) await takeStart(model, record.start, folder);
  const step = stepFor(model, recipe, seed, {
    kind: record.step,
    precision: record.precision,
    ...(options.onFallBack ? { onFallBack: options.onFallBack } : {}),
  });
  const start = begun ? await loadCheckpoint(path, model, step) : fresh;
  const log = await openLog(folder, start.done);
  try {
    const session = new Session(options, model, step, log, start);
    const finished = await session.run();
    await step.sync();
    const averages = await step.averages();
    if (averages) setWeights(model.trainableWeights, averages, 'averages');
    return { model, progress: session.progress, finished };
  } catch (error) {
    model.dispose();
    throw error;
  } finally {
    log.close();
    step.dispose();
  }
}

const fresh: Progress = { done: 0, epochs: 0, lossSum: 0, images: 0, seconds: 0, best: null, plateau: null };

/** One stretch of training between start or resumption and end, interruption or death. */
class Session {
  progress: Progress;
  private readonly started = performance.now();
  private readonly parts: { train: Dataset; validation: Dataset | null };
  private saved: number;

  constructor(
    private readonly options: TrainRunOptions,
    private readonly model: tf.LayersModel,
    private readonly step: Step,
    private readonly log: Log,
    private readonly before: Progress,
  ) {
    this.progress = before;
    this.saved = before.done;
    this.parts = holdOut(options.data, options.record.validationImages, options.record.seed);
  }

  /** @returns whether the training came to its end */
  async run(): Promise<boolean> {
    const { record, signal } = this.options;
    const { model, step } = this;
    const { recipe, seed } = record;
    for await (const update of train({
      model,
      step,
      recipe,
      seed,
      data: this.parts.train,
      done: this.progress.done,
      drops: () => this.progress.plateau?.drops ?? 0,
    })) {
      await this.account(update);
      if (signal?.aborted) {
        await this.save();
        return this.progress.done === recipe.epochs * update.stepsPerEpoch;
      }
    }
    return true;
  }

  private async account(update: Update): Promise<void> {
    const { epoch, step, loss, rate, images, stepsPerEpoch } = update;
    this.progress = {
      ...this.progress,
      done: step,
      lossSum: this.progress.lossSum + loss * images,
      images: this.progress.images + images,
      seconds: this.before.seconds + (performance.now() - this.started) / 1000,
    };
    this.options.onUpdate?.(update);
    if (step % logEvery === 0) this.log.write({ step, epoch, loss, rate });
    if (step % stepsPerEpoch === 0) await this.endEpoch(epoch);
    else if (step - this.saved >= this.options.record.checkpointEvery) await this.save();
  }

  private async endEpoch(epoch: number): Promise<void> {
    const { done, lossSum, images, seconds, best } = this.progress;
    const validationError = await this.validate();
    const summary = { epoch, step: done, meanLoss: lossSum / images, validationError, seconds };
    this.log.write(summary);
    const plateau = afterEpoch(
      this.options.record.recipe.schedule,
      this.progress.plateau,
      validationError ?? summary.meanLoss,
    );
    this.progress = { ...this.progress, epochs: epoch + 1, lossSum: 0, images: 0, plateau };
    if (validationError !== null && (best === null || validationError < best.error)) {
      this.progress = { ...this.progress, best: { epoch, error: validationError } };
      await saveCheckpoint(join(this.options.folder, runFiles.best), this.model, this.step, this.progress);
    }
    await this.save();
    this.options.onEpoch?.(summary);
  }

  /** The error on the images held out, by the averages of the weights where the recipe keeps them. */
  private async validate(): Promise<number | null> {
    const { validation } = this.parts;
    if (!validation) return null;
    const { model, step } = this;
    await step.sync();
    const averages = await step.averages();
    const own = averages && (await arraysOf(model.trainableWeights));
    if (averages) setWeights(model.trainableWeights, averages, 'averages');
    const error = await errorOf({ model, recipe: this.options.record.recipe, data: validation });
    if (own) setWeights(model.trainableWeights, own, 'weights');
    return error;
  }

  private async save(): Promise<void> {
    await saveCheckpoint(join(this.options.folder, runFiles.last), this.model, this.step, this.progress);
    this.saved = this.progress.done;
  }
}
