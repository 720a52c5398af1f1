/** The error of a graphics card that is gone, with what was kept of a training. */
import { UserError } from '../core/errors';
import type { NamedArray } from '../weights/named-array';

/** What a training needs to go on, outside of any device. */
export interface KeptTraining {
  /** Updates done. */
  readonly done: number;
  /** All weights of the model, by their names. */
  readonly weights: readonly NamedArray[];
  /** What the optimiser keeps: velocities and the like. */
  readonly memory: readonly NamedArray[];
}

/**
 * The device that computed is gone: the browser took the WebGL context back, or the WebGPU device was lost. All tensors
 * on it are gone too. `kept` is the training as it was last copied to memory: `useBackend()` starts a device afresh, and
 * `train({ …, resume: error.kept })` goes on with a model that is built again.
 */
export class DeviceLost extends UserError {
  constructor(
    message: string,
    readonly kept: KeptTraining | null = null,
  ) {
    super(message);
  }
}
