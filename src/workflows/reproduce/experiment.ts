/** What an experiment consists of: changes to a recipe, seeds and a search. */
import type { Recipe, Where } from '../../core/network';
import { parseRecipe } from '../../core/recipe/overrides';

/** A published experiment, and how it is reproduced. Plain data. */
export interface Experiment {
  readonly title: string;
  readonly paper: {
    readonly citation: string;
    /** The published result, as a fraction. */
    readonly error: number;
    readonly where: Where;
    readonly protocol: string;
  };
  /** Name of a network of the zoo. */
  readonly network: string;
  readonly data: string;
  /** The seeds, one for each run. */
  readonly seeds: readonly number[];
  /** How long the experiment takes, and on which hardware. */
  readonly duration: string;
  /** The highest mean error expected over the seeds, as a fraction, and the reason for expecting it. */
  readonly expected: { readonly error: number; readonly why: string };
  /** Fields of the network's recipe that the experiment changes. */
  readonly changes: Changes;
  /** The reason for each of these changes. */
  readonly reasons: { readonly [field in keyof Changes]?: string };
  /** Numbers of training images to train on, each with all seeds. Default: all images. */
  readonly trainingImages?: readonly number[];
  /** How the settings that the paper leaves open were chosen. */
  readonly search?: Search;
  readonly figures: readonly FigureKind[];
}

/** Fields of a recipe that an experiment sets. */
export type Changes = Partial<Omit<Recipe, 'dataset' | 'guesses'>>;

/** A search among candidates by their errors on a part of the training set. It never uses the test set. */
export interface Search {
  /** What the paper leaves open, and what we expected before the search. */
  readonly hypothesis: string;
  /** How many images of the training set are held out to choose the candidate. */
  readonly validationImages: number;
  readonly seeds: readonly number[];
  /** The fields that each candidate sets, in addition to the experiment's own changes. */
  readonly candidates: Readonly<Record<string, Changes>>;
  /** The name of the candidate that the experiment uses. */
  readonly chosen: string;
}

/** The figures that are drawn when all runs are complete. */
export type FigureKind =
  /** Training and test error after each pass. */
  | 'passes'
  /** Training and test error by the number of training images. */
  | 'setSizes'
  /** The error that remains when the least certain answers are rejected. */
  | 'rejection'
  /** All images of the test set that are classified wrongly. */
  | 'mistakes'
  /** The filters of the network's first layer. */
  | 'filters';

/**
 * The recipe of an experiment's runs.
 * @param own the network's recipe
 * @param candidate a candidate of the search; default: the chosen one
 * @throws UserError if the changes do not give a valid recipe
 */
export function recipeOf({ changes, search }: Experiment, own: Recipe, candidate?: string): Recipe {
  const searched = search?.candidates[candidate ?? search.chosen] ?? {};
  return parseRecipe(JSON.parse(JSON.stringify({ ...own, ...changes, ...searched })), 'experiment');
}
