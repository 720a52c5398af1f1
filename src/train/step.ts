import type { Batch } from '../data/batches';
import type { NamedArray } from '../weights/named-array';

/** One way to update a model's weights; the loop knows no other. */
export interface Step {
  /**
   * Learns from one batch.
   * @param rate the learning rate ε
   * @param step updates done before this one; masks of dropout follow from it
   * @returns the batch's mean loss before the update
   */
  run(batch: Batch, rate: number, step: number): Promise<number>;
  /** What the rule remembers from update to update (velocities …), without the model's weights. */
  memory(): Promise<readonly NamedArray[]>;
  /** Takes back what `memory` gave; `where` says, for messages, what it was read from. */
  restore(memory: readonly NamedArray[], where: string): Promise<void>;
  /** The trainable weights to evaluate by, where the recipe averages them; else null. */
  averages(): Promise<readonly NamedArray[] | null>;
  /** Brings the model's own weights up to date, where the rule keeps them elsewhere while it trains. */
  sync(): Promise<void>;
  dispose(): void;
}
