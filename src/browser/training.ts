/** Training, evaluation and prediction in a page: the loop of Node, with a device that may be lost. */
import type { tf } from '../core/tf';
import type { EvaluateOptions, Evaluation } from '../evaluate/evaluate';
import type { Prediction, PredictOptions } from '../evaluate/scores/predict';
import { inMemoryVerbs } from '../train/in-memory';
import { stepFor } from '../train/step/choose-step';
import type { Step } from '../train/step/step';
import type { TrainOptions, Update } from '../train/train';
import { arraysOf, setWeights } from '../weights/named-array';
import { backendInUse, backendName, isDeviceLost, unlessLost, whileThere } from './backend';
import { DeviceLost, type KeptTraining } from './device-lost';
import { pageLoader } from './images/loader';

const verbs = inMemoryVerbs({ openLoader: () => pageLoader(), backend: backendInUse });

/** What a page may stop. */
export interface Cancellable {
  /** Aborting it ends the work at its next step; its reason is thrown, an `AbortError` unless another was given. */
  readonly signal?: AbortSignal | undefined;
}

/** How a page trains. */
export interface PageTrainOptions extends TrainOptions, Cancellable {
  /** Goes on with what was kept of a training whose device was lost. */
  readonly resume?: KeptTraining | null | undefined;
  /**
   * How many seconds may pass until weights and optimiser are copied from the device again, so that no more is lost
   * with it; they are after each epoch too. Default: 10.
   */
  readonly keepEvery?: number | undefined;
}

/**
 * Trains the model in place and yields after each update: images in memory, or of the page (`labelledImages`). What the
 * recipe takes from its training set (a mean image, a whitening, principal colours) is computed before the first update,
 * unless `fitted` is given, and is known to `evaluate` and `predict` of the same model. The same model, recipe, data,
 * seed and backend give the same weights.
 * @throws DeviceLost with what was kept, when the graphics card is gone; `Diverged` when the loss is no longer a finite
 *   number; the signal's reason
 * @example
 * for await (const { step, loss } of train({ model, recipe, data, seed: 1, signal })) show(step, loss);
 */
export async function* train(options: PageTrainOptions): AsyncGenerator<Update, void, undefined> {
  const { signal, resume, keepEvery = 10, ...given } = options;
  signal?.throwIfAborted();
  await backendInUse();
  const { model, recipe, seed } = given;
  if (resume) setWeights(model.weights, resume.weights, 'what was kept of the training');
  const step = given.step ?? stepFor(model, recipe, seed);
  let kept: KeptTraining | null = resume ?? null;
  let done = resume?.done ?? given.done ?? 0;
  try {
    if (resume) await step.state?.restore(resume.memory, 'what was kept of the training');
    kept = (await copied(model, step, done)) ?? kept;
    let copiedAt = performance.now();
    for await (const update of whileThere(verbs.train({ ...given, step, done }))) {
      done = update.step;
      const due = performance.now() - copiedAt > 1000 * keepEvery || done % update.stepsPerEpoch === 0;
      if (due) {
        kept = (await copied(model, step, done)) ?? kept;
        copiedAt = performance.now();
      }
      expectDevice('training', kept);
      yield update;
      signal?.throwIfAborted();
    }
    expectDevice('training', kept);
  } catch (error) {
    // What a lost device makes of a computation is anything: other numbers, or an error of its own.
    expectDevice('training', kept);
    throw error;
  } finally {
    if (!given.step && !isDeviceLost()) step.dispose();
  }
}

/** The training as it is now, or null if the device was lost before all of it was copied. */
async function copied(model: tf.LayersModel, { state }: Step, done: number): Promise<KeptTraining | null> {
  const all = async () => {
    await state?.sync();
    return { done, weights: await arraysOf(model.weights), memory: (await state?.memory()) ?? [] };
  };
  const found = await unlessLost(all());
  return isDeviceLost() ? null : found!;
}

/** @throws DeviceLost if the device is gone */
export function expectDevice(what: string, kept: KeptTraining | null = null): void {
  if (!isDeviceLost()) return;
  const left = kept
    ? `; the weights after update ${kept.done} are kept (resume: error.kept goes on with them)`
    : '';
  throw new DeviceLost(
    `${what}: expected the graphics card until the end, found that the browser took it away (${backendName()})${left}; useBackend() starts it afresh`,
    kept,
  );
}

/** How a page evaluates. */
export interface PageEvaluateOptions extends EvaluateOptions, Cancellable {
  /** Told how many images are done, and of how many. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

/**
 * Classifies every image of a data set, whole or by crops, and counts the errors.
 * @throws UserError when there are no images, or the recipe takes values from a training set that are not known;
 *   DeviceLost; the signal's reason
 */
export async function evaluate(options: PageEvaluateOptions): Promise<Evaluation> {
  const { signal, onProgress, onAnswer, ...given } = options;
  let done = 0;
  return guarded('evaluation', signal, () =>
    verbs.evaluate({
      ...given,
      onAnswer: (answer) => {
        signal?.throwIfAborted();
        onProgress?.(++done, given.data.labels.length);
        onAnswer?.(answer);
      },
    }),
  );
}

/**
 * A network's class scores for all images, in the order of the data.
 * @throws UserError as `evaluate`
 */
export async function* predict(options: PredictOptions): AsyncGenerator<Prediction, void> {
  try {
    for await (const prediction of whileThere(verbs.predict(options))) {
      expectDevice('prediction');
      yield prediction;
    }
    expectDevice('prediction');
  } catch (error) {
    expectDevice('prediction');
    throw error;
  }
}

/** Computes something whose numbers mean nothing if the device was lost meanwhile. */
export async function guarded<T>(
  what: string,
  signal: AbortSignal | undefined,
  compute: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  try {
    const result = await unlessLost(compute());
    expectDevice(what);
    return result as T;
  } catch (error) {
    if (!(error instanceof DeviceLost)) expectDevice(what);
    throw error;
  }
}
