/** How long each layer of a network computes, in a recorded graph or operation by operation. */
import { tf } from '../core/tf';
import { watchingLayers, type Scope } from './record/layer-scopes';
import type { NodeTime } from './session/step-stats';

/** Milliseconds that one update spends on a layer. */
export interface LayerTime {
  /** Its name; null for what belongs to no layer, such as the loss. */
  readonly layer: string | null;
  readonly forward: number;
  readonly backward: number;
  /** What changing its weights takes, weight decay included. */
  readonly update: number;
}

/** Adds up times by layer, in the order in which layers first occur. */
export class LayerTimes {
  private readonly times = new Map<string | null, { forward: number; backward: number; update: number }>();

  add(scope: Scope | null, milliseconds: number): void {
    const layer = scope?.layer ?? null;
    const time = this.times.get(layer) ?? { forward: 0, backward: 0, update: 0 };
    time[scope?.pass ?? 'forward'] += milliseconds;
    this.times.set(layer, time);
  }

  found(): readonly LayerTime[] {
    return [...this.times].map(([layer, time]) => ({ layer, ...time }));
  }
}

/** The times of a recorded graph, from what TensorFlow notes of its nodes. */
export function timesOfNodes(
  times: readonly NodeTime[],
  scopeOf: (node: string) => Scope | null,
): readonly LayerTime[] {
  const sums = new LayerTimes();
  for (const { node, milliseconds } of times) sums.add(scopeOf(node), milliseconds);
  return sums.found();
}

/** The times of work that computes op by op, by the clock: JavaScript and the backend together. */
export async function timesByClock(
  model: tf.LayersModel,
  work: () => Promise<unknown>,
): Promise<readonly LayerTime[]> {
  const sums = new LayerTimes();
  let last = performance.now();
  let current: Scope | null = null;
  const turn = (scope: Scope | null) => {
    const now = performance.now();
    sums.add(current, now - last);
    [last, current] = [now, scope];
  };
  // WebGPU only notes down what calls ask for, so that its time belongs to no layer. On other backends the work computes
  // everything before its first `await`, and so within this call.
  await (tf.getBackend() === 'webgpu' ? work() : watchingLayers(model, turn, work));
  turn(null);
  return sums.found();
}
