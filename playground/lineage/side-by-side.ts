/** One digit through several networks: their answers by each network’s own kind of score, and their first maps. */
import { scoreKind, type ScoreKind } from '../../src/core/score-kind';
import type { Recipe } from '../../src/core/network';
import type { GraphLayer } from '../../src/describe/layers/layer-graph';
import { bestClasses, probabilities } from '../../src/evaluate/scores/ranking';
import { withoutBatch } from '../../src/layers/cost';

/** The best two answers of a network. */
export interface Answer {
  readonly kind: ScoreKind;
  readonly first: Choice;
  readonly second: Choice;
  /** How far the best is from the second, in the unit of their scores; never negative. */
  readonly margin: number;
}

/** A class, and the score that ranks it: a probability where the network gives one. */
export interface Choice {
  readonly index: number;
  readonly score: number;
}

/** @param scores `[classes]`, of the kind that the loss gives them */
export function answerOf(loss: Recipe['loss'], scores: Float32Array): Answer {
  const [first, second] = bestClasses(loss, scores, 2) as [number, number];
  const shown = probabilities(loss, scores) ?? scores;
  return {
    kind: scoreKind(loss),
    first: { index: first, score: shown[first]! },
    second: { index: second, score: shown[second]! },
    margin: Math.abs(shown[first]! - shown[second]!),
  };
}

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
