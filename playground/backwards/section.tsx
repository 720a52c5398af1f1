/** What the sections of this part share: what they are given, and the classes’ names. */
import { bestClasses } from '../../src/evaluate/scores/ranking';
import type { OpenedModel, Seen } from '../model/opened';
import type { Picture } from '../picture/picture';
import type { Backward } from './backward';

/** What each section shows: a picture, and what came back of it. */
export interface SectionProps {
  readonly model: OpenedModel;
  readonly picture: Picture;
  readonly seen: Seen;
  readonly backward: Backward;
}

/** The class that scores answer. */
export function answerOf({ trained }: OpenedModel, scores: Float32Array): number {
  return bestClasses(trained.recipe.loss, scores, 1)[0]!;
}

/** The main scores of a picture. */
export function seenScores({ trained }: OpenedModel, { outputs }: Seen): Float32Array {
  return outputs.get(trained.model.outputs[0]!.sourceLayer.name)!.values;
}

export function classCount({ trained }: OpenedModel): number {
  return trained.model.outputs[0]!.shape.at(-1)!;
}

/** What a class is called. */
export function className({ trained }: OpenedModel, index: number): string {
  return trained.labels?.[index] ?? String(index);
}
