/** Trains in a run's folder, with a log and checkpoints, so that it can be killed at any moment and resumed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { tf } from '../../core/tf';
import type { BadImage } from '../../data/image/bad-image';
import { imageName } from '../../data/image/bad-image';
import type { ImageSet } from '../../data/dataset';
import { expectClassesLeft } from '../../data/loader/batches';
import { openLoader, type Loader } from '../../data/loader/loader';
import type { FittedPreprocess } from '../../data/preprocess/preprocess';
import { alone, type Communicator } from '../../core/io/process/communicator';
import { ofFirst, together } from '../../core/io/process/together';
import { counted } from '../../core/text/counted';
import { UserError } from '../../core/errors';
import { initialise } from '../../layers/initialise/initialise';
import type { Network } from '../../core/network';
import { saveCheckpoint, type Progress } from './checkpoint';
import { errorOf } from '../../evaluate/scores/predict';
import { holdOut } from '../../data/splits';
import { openLog, readLog, type EpochSummary, type Log } from './log';
import { noteSkipped, runFiles, type RunRecord } from './run-record';
import { afterEpoch } from '../schedule';
import { arraysOf, setWeights } from '../../weights/named-array';
import { takeStart } from './start-from';
import { AskedToEnd, expectSameState, loadCheckpointOfFirst, takeWeightsOfFirst } from './state-of-ranks';
import type { Step } from '../step/step';
import { stepFor } from '../step/choose-step';
import { train, type Update } from '../train';

/** What is trained in a run’s folder, and who is told of it. */
export interface TrainInFolderOptions {
  /** Made by `createRun`; if it has a checkpoint, the training resumes from it. */
  readonly folder: string;
  readonly record: RunRecord;
  /**
   * The model, trained in place; a training that resumes replaces its weights by those of the checkpoint. The caller
   * disposes of it.
   */
  readonly model: tf.LayersModel;
  /** The whole training set; the record says how many of its images are held out. */
  readonly data: ImageSet;
  /**
   * The data set's own validation set, if it has one; it chooses the best epoch, and no training images are held out.
   */
  readonly validation?: ImageSet;
  /**
   * Data sets, by name, whose error is measured and logged after each epoch. If there are any, so is the error on the
   * training images, as `training`. Default: none.
   */
  readonly watched?: Readonly<Record<string, ImageSet>>;
  /** What the recipe's preprocessing needs from the training set, if anything: see `fitRecipe`. */
  readonly fitted?: FittedPreprocess;
  /** Prepares the batches. Default: a new loader with the options of the record. */
  readonly loader?: Loader;
  /** Called with one line if the step cannot be compiled. */
  readonly onFallBack?: (why: string) => void;
  /** Called when lines of a resumed run's log are dropped: damaged ones, or those before its first checkpoint. */
  readonly onDamaged?: (line: string) => void;
  readonly onUpdate?: (update: Update) => void;
  readonly onEpoch?: (summary: EpochSummary) => void;
  /** Aborting it saves a checkpoint after the current update and ends the training. */
  readonly signal?: AbortSignal;
  /**
   * The ranks that train together, all with the same record, data and options: rank 0 writes log and checkpoints into
   * its folder, and each other rank gives a folder of its own, in which copies of checkpoints may lie. Aborting the
   * signal of one ends all. Default: this process is alone.
   */
  readonly communicator?: Communicator | undefined;
}

/** What a session of training left. */
export interface TrainedInFolder {
  /** How far the training has come. The model has the weights of this, or their averages if the recipe keeps these. */
  readonly progress: Progress;
  readonly finished: boolean;
}

/**
 * Updates between two lines of the log: at least 50, and enough that an epoch with batches of one image has only a
 * hundred lines.
 */
function logEvery(stepsPerEpoch: number): number {
  return Math.max(50, Math.floor(stepsPerEpoch / 100));
}

/** Trains in a run's folder: log and checkpoints as it goes, so that it can be killed at any moment and resumed. */
export async function trainInFolder(options: TrainInFolderOptions): Promise<TrainedInFolder> {
  const { folder, record, model, communicator = alone } = options;
  const isFirst = communicator.rank === 0;
  const begun = await ofFirst(communicator, existsSync(join(folder, runFiles.last)));
  if (!begun)
    await together(communicator, async () => {
      if (!isFirst) return;
      expectNoCheckpoint(options);
      if (record.start) await takeStart(model, record.start, folder);
    });
  return trainFrom(begun, options);
}

/** A run's model with the weights that its first update starts from, unless it starts from trained ones. */
export function drawnModel(
  network: Network,
  { recipe, seed, classes }: Pick<RunRecord, 'recipe' | 'seed' | 'classes'>,
): tf.LayersModel {
  const model = network.build({ classes, input: recipe.input.shape, seed });
  // The weights were drawn with the network's own recipe; the run's recipe may have another initialiser.
  if (JSON.stringify(recipe.initialiser) !== JSON.stringify(network.recipe.initialiser))
    initialise(model, recipe.initialiser, seed);
  return model;
}

/**
 * Makes sure that a run without a checkpoint never had one, since its log would be lost. Reports when log lines from
 * before the first checkpoint are dropped.
 * @throws UserError
 */
function expectNoCheckpoint({ folder, record, onDamaged }: TrainInFolderOptions): void {
  const has = (file: string) => existsSync(join(folder, file));
  const lines = has(runFiles.log) ? readLog(folder, () => undefined) : [];
  const logged = Math.max(0, ...lines.map(({ step }) => step));
  const missing =
    has(runFiles.report) || logged > record.checkpointEvery || lines.some(({ epoch }) => epoch > 0);
  if (missing)
    throw new UserError(
      `${folder}: the log has ${counted(logged, 'update')}, but the checkpoint is missing: expected ${runFiles.last}; what is there stays, and a run in another folder starts over`,
    );
  if (lines.length > 0)
    onDamaged?.(
      `${folder}: the log has ${counted(logged, 'update')} and no ${runFiles.last}, as of a run that was killed before its first checkpoint: the training starts over`,
    );
}

/** @param begun whether there is a checkpoint to resume from */
async function trainFrom(begun: boolean, options: TrainInFolderOptions): Promise<TrainedInFolder> {
  const { folder, record, model, communicator = alone } = options;
  const step = stepFor(model, record.recipe, record.seed, {
    kind: record.step,
    precision: record.precision,
    wire: record.wire,
    communicator,
    ...(options.onFallBack ? { onFallBack: options.onFallBack } : {}),
  });
  const loader = options.loader ?? openLoader({ onBadImage: record.onBadImage });
  let log: Log | undefined;
  try {
    const trained = { model, step };
    const start = begun
      ? await loadCheckpointOfFirst(communicator, join(folder, runFiles.last), trained)
      : fresh;
    if (!begun) await takeWeightsOfFirst(communicator, trained);
    await expectSameState(communicator, trained, start.done);
    log = await together(communicator, async () =>
      communicator.rank === 0 ? openLog(folder, start.done, (line) => options.onDamaged?.(line)) : undefined,
    );
    const session = new Session({ ...options, loader, communicator }, step, log, start);
    const finished = await session.run();
    await step.state?.sync();
    const averages = await step.state?.averages();
    if (averages) setWeights(model.trainableWeights, averages, 'averages');
    return { progress: session.progress, finished };
  } finally {
    log?.close();
    step.dispose();
    if (!options.loader) await loader.close();
  }
}

const fresh: Progress = { done: 0, epochs: 0, lossSum: 0, images: 0, seconds: 0, best: null, plateau: null };

/** One session of training: from a start or resumption to the end, an interruption or a crash. */
class Session {
  progress: Progress;
  private started = performance.now();
  private readonly parts: { train: ImageSet; validation: ImageSet | null };
  private saved: number;
  /** Images that were left out and that `run.json` does not name yet. */
  private skipped: BadImage[] = [];
  /** Images that were left out of the current epoch. */
  private met: BadImage[] = [];

  constructor(
    private readonly options: TrainInFolderOptions & {
      readonly loader: Loader;
      readonly communicator: Communicator;
    },
    private readonly step: Step,
    /** Rank 0's; the others write none. */
    private readonly log: Log | undefined,
    private readonly before: Progress,
  ) {
    this.progress = before;
    this.saved = before.done;
    const { trainingImages, validationImages, seed } = options.record;
    const { train, validation } = holdOut(options.data, validationImages, seed, trainingImages);
    this.parts = { train, validation: options.validation ?? validation };
  }

  /** @returns whether the training came to its end */
  async run(): Promise<boolean> {
    const { record, signal, communicator, model } = this.options;
    const { step } = this;
    const { recipe, seed } = record;
    const { done } = this.progress;
    const asked = new AskedToEnd(communicator);
    const began = performance.now();
    if (this.isStale()) return true;
    for await (const update of train({
      model,
      step,
      recipe,
      seed,
      loader: this.options.loader,
      fitted: this.options.fitted,
      data: this.parts.train,
      done,
      drops: () => this.progress.plateau?.drops ?? 0,
      communicator,
    })) {
      await this.account(update);
      if (update.step % update.stepsPerEpoch === 0 && this.isStale()) return true;
      const seconds = (performance.now() - began) / 1000 / (update.step - done);
      if (await asked.after(update.step, signal?.aborted ?? false, seconds)) {
        await this.save();
        return this.progress.done === recipe.epochs * update.stepsPerEpoch;
      }
    }
    return true;
  }

  /** Whether the run's patience is exhausted: as many epochs have passed since the best one. */
  private isStale(): boolean {
    const { best, epochs } = this.progress;
    const { patience = Infinity } = this.options.record;
    return best !== null && epochs - 1 - best.epoch >= patience;
  }

  private async account(update: Update): Promise<void> {
    const { epoch, step, loss, rate, images, skipped, stepsPerEpoch } = update;
    this.skipped.push(...skipped);
    this.met.push(...skipped);
    this.progress = {
      ...this.progress,
      done: step,
      lossSum: this.progress.lossSum + loss * images,
      images: this.progress.images + images,
      seconds: this.before.seconds + (performance.now() - this.started) / 1000,
    };
    this.options.onUpdate?.(update);
    if (step % logEvery(stepsPerEpoch) === 0) this.log?.write({ step, epoch, loss, rate });
    if (step % stepsPerEpoch === 0) await this.endEpoch(epoch);
    else if (step - this.saved >= this.options.record.checkpointEvery) await this.save();
  }

  private async endEpoch(epoch: number): Promise<void> {
    const { done, lossSum, images, seconds, best } = this.progress;
    if (images === 0) {
      throw new UserError(
        `${this.options.data.name}: expected images to learn from, found none that can be read`,
      );
    }
    const { validation, train: learned } = this.parts;
    this.expectClasses(learned);
    const { watched } = this.options;
    const { validation: validationError = null, ...errors } = await this.errors({
      ...(validation && { validation }),
      ...(watched && { training: learned, ...watched }),
    });
    const recorded = this.step.profile?.recorded();
    const summary = {
      epoch,
      step: done,
      meanLoss: lossSum / images,
      validationError,
      ...(watched && { errors }),
      seconds,
      residentBytes: process.memoryUsage.rss(),
      ...(recorded && { sessionBytes: recorded.sessionBytes }),
    };
    this.log?.write(summary);
    const plateau = afterEpoch(
      this.options.record.recipe.schedule,
      this.progress.plateau,
      validationError ?? summary.meanLoss,
    );
    this.progress = { ...this.progress, epochs: epoch + 1, lossSum: 0, images: 0, plateau };
    this.met = [];
    // Of epochs with the same error, the last is the best: the images are few, and the learning rate has fallen since.
    if (validationError !== null && (best === null || validationError <= best.error)) {
      this.progress = { ...this.progress, best: { epoch, error: validationError } };
      if (this.isFirst) await this.write(runFiles.best);
    }
    await this.save();
    this.options.onEpoch?.(summary);
  }

  /** @throws UserError for a class that was not learned because none of its images could be read */
  private expectClasses(learned: ImageSet): void {
    if (learned.kind !== 'files' || this.met.length === 0) return;
    const indices = new Map(learned.files.map((file, index) => [imageName(file), index]));
    const bad = this.met.flatMap(({ file, reason }) => {
      const index = indices.get(file);
      return index === undefined ? [] : [{ index, file, reason }];
    });
    expectClassesLeft(learned, bad);
  }

  /**
   * The errors on some data sets, with the averages of the weights if the recipe keeps these. The time that this takes
   * does not count as training time.
   */
  private async errors(sets: Readonly<Record<string, ImageSet>>): Promise<Record<string, number>> {
    const found: Record<string, number> = {};
    if (Object.keys(sets).length === 0) return found;
    const began = performance.now();
    const { step } = this;
    const { model } = this.options;
    await step.state?.sync();
    const averages = await step.state?.averages();
    const own = averages && (await arraysOf(model.trainableWeights));
    if (averages) setWeights(model.trainableWeights, averages, 'averages');
    const { record, loader, fitted, communicator } = this.options;
    const onSkipped = (image: BadImage) => this.skipped.push(image);
    for (const [name, data] of Object.entries(sets))
      found[name] = await errorOf({
        ...{ model, recipe: record.recipe, data, loader, fitted, onSkipped, communicator },
      });
    if (own) setWeights(model.trainableWeights, own, 'weights');
    this.started += performance.now() - began;
    return found;
  }

  private get isFirst(): boolean {
    return this.options.communicator.rank === 0;
  }

  private async save(): Promise<void> {
    const { folder, communicator, model } = this.options;
    await expectSameState(communicator, { model, step: this.step }, this.progress.done);
    // Saved first: if the run is killed in between, it does not see again the images from before its checkpoint.
    if (this.isFirst && this.skipped.length > 0) await noteSkipped(folder, this.skipped);
    this.skipped = [];
    if (this.isFirst) await this.write(runFiles.last);
    this.saved = this.progress.done;
  }

  private write(file: string): Promise<void> {
    const { folder, model } = this.options;
    return saveCheckpoint(join(folder, file), model, this.step, this.progress);
  }
}
