/** What an experiment is: changes of a recipe, seeds and a search. */
import type { Recipe, Where } from '../../core/network';
import { parseRecipe } from '../../core/recipe/overrides';

/** A published experiment and how it is repeated. Plain data. */
export interface Experiment {
  readonly title: string;
  readonly paper: {
    readonly citation: string;
    /** What it reports, a fraction. */
    readonly error: number;
    readonly where: Where;
    readonly protocol: string;
  };
  /** Name of a network of the zoo. */
  readonly network: string;
  readonly data: string;
  /** One run a seed. */
  readonly seeds: readonly number[];
  /** How long it takes, and on what. */
  readonly duration: string;
  /** What the mean error of the seeds should be at most, a fraction, and why that is to be expected. */
  readonly expected: { readonly error: number; readonly why: string };
  /** Fields of the network's recipe that are set otherwise. */
  readonly changes: Changes;
  /** Why, for each of these fields. */
  readonly reasons: { readonly [field in keyof Changes]?: string };
  /** Numbers of training images to train on, each with all seeds. Default: all that there are. */
  readonly trainingImages?: readonly number[];
  /** How what the paper leaves open was chosen. */
  readonly search?: Search;
  readonly figures: readonly FigureKind[];
}

export type Changes = Partial<Omit<Recipe, 'dataset' | 'guesses'>>;

/** A search among candidates by their errors on a part of the training set; it never sees the test set. */
export interface Search {
  /** What is open, and what we expected of it beforehand. */
  readonly hypothesis: string;
  /** Images of the training set that choose, and are not learned from. */
  readonly validationImages: number;
  readonly seeds: readonly number[];
  /** What each candidate sets, beside the experiment's own changes. */
  readonly candidates: Readonly<Record<string, Changes>>;
  /** The name of the candidate that the experiment takes. */
  readonly chosen: string;
}

/** What is drawn when all runs are done. */
export type FigureKind =
  /** Training and test error after each pass. */
  | 'passes'
  /** Training and test error by the number of training images. */
  | 'setSizes'
  /** The error of what is left when the least sure answers are rejected. */
  | 'rejection'
  /** All images of the test set that are answered wrongly. */
  | 'mistakes'
  /** The filters of the network's first layer. */
  | 'filters';

/**
 * The recipe of an experiment's runs.
 * @param own the network's
 * @param candidate of the search; by default the chosen one
 * @throws UserError when the changes make no recipe
 */
export function recipeOf({ changes, search }: Experiment, own: Recipe, candidate?: string): Recipe {
  const searched = search?.candidates[candidate ?? search.chosen] ?? {};
  return parseRecipe(JSON.parse(JSON.stringify({ ...own, ...changes, ...searched })), 'experiment');
}
