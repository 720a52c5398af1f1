/** What a model answers: its scores, the names of its classes, and the best of them. */
import type { Recipe } from '../../src/core/network';
import { scoreKind, type ScoreKind } from '../../src/core/score-kind';
import { bestClasses, probabilities } from '../../src/evaluate/scores/ranking';
import type { OpenedModel, Seen } from './opened';

type Trained = Pick<OpenedModel, 'trained'>;

/** The scores of the main output, `[classes]`. */
export function scoresOf({ model, outputs }: Pick<Seen, 'model' | 'outputs'>): Float32Array {
  return outputs.get(model.trained.model.outputs[0]!.sourceLayer.name)!.values;
}

export function classCount({ trained }: Trained): number {
  return trained.model.outputs[0]!.shape.at(-1)!;
}

/** What a class is called: its label, or its number. */
export function className({ trained }: Trained, index: number): string {
  return trained.labels?.[index] ?? String(index);
}

/** The class that scores answer. */
export function bestClass({ trained }: Trained, scores: Float32Array): number {
  return bestClasses(trained.recipe.loss, scores, 1)[0]!;
}

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
