import type { Batch } from '../../data/loader/batches';
import type { NamedArray } from '../../weights/named-array';
import type { LayerTime } from '../../graph/layer-times';
import { UserError } from '../../core/errors';

/** One way to update a model's weights; the loop knows no other. */
export interface Step {
  /**
   * Learns from one batch.
   * @param rate the learning rate ε
   * @param step updates done before this one; masks of dropout follow from it
   * @returns the batch's mean loss before the update
   */
  run(batch: Batch, rate: number, step: number): Promise<number>;
  /**
   * Called before the first update of an epoch, by rules that have it; an epoch that is gone on with is not begun
   * again. `sample` draws so many images from the training set, anew for each epoch.
   */
  beforeEpoch?(sample: (images: number) => AsyncIterable<Batch>): Promise<void>;
  /** What the rule remembers from update to update (velocities …), without the model's weights. */
  memory(): Promise<readonly NamedArray[]>;
  /** Takes back what `memory` gave; `where` says, for messages, what it was read from. */
  restore(memory: readonly NamedArray[], where: string): Promise<void>;
  /** The trainable weights to evaluate by, where the recipe averages them; else null. */
  averages(): Promise<readonly NamedArray[] | null>;
  /** Brings the model's own weights up to date, where the rule keeps them elsewhere while it trains. */
  sync(): Promise<void>;
  /** Does one update and says what it spent on each layer. */
  layerTimes(batch: Batch, rate: number, step: number): Promise<readonly LayerTime[]>;
  /** What recording has cost, for a rule that records its updates; else null. */
  recorded(): Recorded | null;
  dispose(): void;
}

/** The costs of recorded updates. */
export interface Recorded {
  /** Spent on recording and handing the graphs over, for all sizes of batch so far. */
  readonly seconds: number;
  /** Of the weights, and what is kept beside them, in the session: memory that `tf.memory()` does not see. */
  readonly sessionBytes: number;
}

/** A training's loss is no longer a finite number. Trained again, it would not be either. */
export class Diverged extends UserError {}
