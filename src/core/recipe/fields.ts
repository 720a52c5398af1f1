/** The fields of a recipe that may be overridden: not the data set, which is chosen apart, nor the guesses. */
import type { Recipe } from '../network';

export const recipeFields = [
  'input',
  'epochs',
  'batchSize',
  'accumulate',
  'order',
  'variants',
  'weightDecay',
  'optimiser',
  'clipNorm',
  'schedule',
  'warmUp',
  'loss',
  'augment',
  'initialiser',
  'multipliers',
  'auxiliary',
  'averaging',
  'startFrom',
] as const satisfies readonly Overridable[];

type Overridable = Exclude<keyof Recipe, 'dataset' | 'guesses'>;

/** A field of `Recipe` that is missing above makes this line an error. */
null as unknown as Overridable satisfies (typeof recipeFields)[number];
