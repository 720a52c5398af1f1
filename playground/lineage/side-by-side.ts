/** What is compared of several networks side by side: their first maps, and their times. */
import type { GraphLayer } from '../../src/describe/layers/layer-graph';
import { withoutBatch } from '../../src/layers/cost';

/**
 * The layer whose outputs are a network’s first maps: the first with weights, after its activation function where that
 * is a layer of its own.
 */
export function firstMapsOf(graph: readonly GraphLayer[]): GraphLayer {
  const first = graph.find(({ layer }) => layer.weights.length > 0)!;
  const next = graph.find(({ inputs }) => inputs.includes(first));
  const sameShape =
    next && withoutBatch(next.layer.outputShape).join() === withoutBatch(first.layer.outputShape).join();
  return next && sameShape && next.layer.weights.length === 0 ? next : first;
}

/** The middle of some times, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
