/** The interface between a way to update a model's weights and the training loop, checkpoints and benchmarks. */
import type { TakesBytes } from '../../data/augment/finishing';
import type { AnyBatch, Batch } from '../../data/loader/batches';
import type { NamedArray } from '../../weights/named-array';
import type { LayerTime } from '../../graph/layer-times';
import { UserError } from '../../core/errors';

/**
 * How an optimiser updates the weights of a model. The training loop needs only `run` and `dispose`; the other members
 * are there if the optimiser uses them. Read `state` and `profile` anew for each use: they change when a step falls
 * back from compiled to eager.
 */
export interface Step {
  /**
   * Learns from one batch.
   * @param rate the learning rate ε
   * @param step updates done before this one; it determines the dropout masks
   * @returns the batch's mean loss before the update
   */
  run(batch: AnyBatch, rate: number, step: number): Promise<number>;
  /** Whether images are best left as bytes, which its graph finishes. Every step that descends a gradient takes both. */
  readonly takesBytes?: TakesBytes | undefined;
  /**
   * Prepares the optimiser for an epoch. Called before an epoch's first update, but not when training resumes within
   * one.
   */
  readonly beforeEpoch?: ((sample: Sample) => Promise<void>) | undefined;
  /** The state of the step outside the model; undefined for an optimiser without one. */
  readonly state?: StepState | undefined;
  /** What updates cost; undefined for an eager step, which any clock can measure. */
  readonly profile?: StepProfile | undefined;
  /** Frees what the step holds besides the model. */
  dispose(): void;
}

/** Draws the given number of images from the training set, different ones for each epoch. */
export type Sample = (images: number) => AsyncIterable<Batch>;

/** The state of a step outside the model: checkpoints save it, and evaluations take the weights from it. */
export interface StepState {
  /** The optimiser's state between updates (velocities …), without the model's weights. */
  memory(): Promise<readonly NamedArray[]>;
  /** Restores the result of `memory`; `where` names the source in messages. */
  restore(memory: readonly NamedArray[], where: string): Promise<void>;
  /** The averaged trainable weights for evaluation, if the recipe averages them; else null. */
  averages(): Promise<readonly NamedArray[] | null>;
  /** Brings the model's own weights up to date, if the step keeps them elsewhere during training. */
  sync(): Promise<void>;
}

/** The cost of updates, for a step that records them as graphs. */
export interface StepProfile {
  /** Does one update and returns the time spent on each layer. */
  layerTimes(batch: AnyBatch, rate: number, step: number): Promise<readonly LayerTime[]>;
  recorded(): Recorded;
}

/** The costs of recorded updates. */
export interface Recorded {
  /** Seconds spent on recording graphs and passing them to the session, for all batch sizes so far. */
  readonly seconds: number;
  /** Bytes of the weights and the other variables in the session, which `tf.memory()` does not count. */
  readonly sessionBytes: number;
}

/** The loss of a training is no longer a finite number; repeating the training would end in the same way. */
export class Diverged extends UserError {}
