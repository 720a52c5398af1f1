/** What the training loop, checkpoints and benchmarks ask of a way to update a model's weights. */
import type { Batch } from '../../data/loader/batches';
import type { NamedArray } from '../../weights/named-array';
import type { LayerTime } from '../../graph/layer-times';
import { UserError } from '../../core/errors';

/**
 * How an optimiser updates the weights of a model. The training loop needs `run` and `dispose` alone; the other members
 * are there where an optimiser has something to say. Read `state` and `profile` for each use: a step that has fallen
 * back from compiled to eager has other ones than before.
 */
export interface Step {
  /**
   * Learns from one batch.
   * @param rate the learning rate ε
   * @param step updates done before this one; masks of dropout follow from it
   * @returns the batch's mean loss before the update
   */
  run(batch: Batch, rate: number, step: number): Promise<number>;
  /** Prepares the optimiser for an epoch. The loop calls it before the epoch's first update, and not when it resumes within. */
  readonly beforeEpoch?: ((sample: Sample) => Promise<void>) | undefined;
  /** What the step holds beside the model; undefined for an optimiser that holds nothing. */
  readonly state?: StepState | undefined;
  /** What updates cost; undefined for a step that computes operation by operation, which any clock can measure. */
  readonly profile?: StepProfile | undefined;
  dispose(): void;
}

/** Draws so many images from the training set, other ones for each epoch. */
export type Sample = (images: number) => AsyncIterable<Batch>;

/** What a step holds beside the model: checkpoints save it, and evaluations take the weights from it. */
export interface StepState {
  /** What the optimiser remembers from update to update (velocities …), without the model's weights. */
  memory(): Promise<readonly NamedArray[]>;
  /** Restores what `memory` gave; `where` says, for messages, what it was read from. */
  restore(memory: readonly NamedArray[], where: string): Promise<void>;
  /** The trainable weights to evaluate by, where the recipe averages them; else null. */
  averages(): Promise<readonly NamedArray[] | null>;
  /** Brings the model's own weights up to date, where the step keeps them elsewhere while it trains. */
  sync(): Promise<void>;
}

/** For a step that records its updates as graphs: what they cost. */
export interface StepProfile {
  /** Does one update and says what it spent on each layer. */
  layerTimes(batch: Batch, rate: number, step: number): Promise<readonly LayerTime[]>;
  recorded(): Recorded;
}

/** The costs of recorded updates. */
export interface Recorded {
  /** Seconds spent on recording and handing the graphs over, for all sizes of batch so far. */
  readonly seconds: number;
  /** Bytes of the weights and of what is kept beside them in the session, which `tf.memory()` does not see. */
  readonly sessionBytes: number;
}

/** Says that a training's loss is no longer a finite number; the same training would come to the same end. */
export class Diverged extends UserError {}
