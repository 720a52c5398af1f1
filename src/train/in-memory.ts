/**
 * Training, evaluation and prediction of a model that the caller holds, in Node and in pages: they choose a backend
 * where none was chosen, and remember what a training fitted to its images.
 */
import { wholeNumber } from '../core/given/numbers';
import { UserError } from '../core/errors';
import type { Recipe } from '../core/network';
import type { tf } from '../core/tf';
import type { ImageSet } from '../data/dataset';
import type { Loader } from '../data/loader/prefetch';
import { undistortedPixels } from '../data/loader/undistorted';
import { fitRecipe, needsFitting, type FittedRecipe } from '../data/preprocess/fit';
import type { FittedPreprocess } from '../data/preprocess/preprocess';
import { evaluate as evaluateLoop, type EvaluateOptions, type Evaluation } from '../evaluate/evaluate';
import { predict as predictLoop, type Prediction, type PredictOptions } from '../evaluate/scores/predict';
import { train as trainLoop, type TrainOptions, type Update } from './train';

/** What a training fitted to its images, for the model that it trained: kept as long as the model. */
const fittings = new WeakMap<tf.LayersModel, { readonly input: string } & FittedRecipe<Recipe>>();

/** What differs between Node and a page. */
export interface Surroundings {
  /** Opens what prepares images; it is closed after use. */
  readonly openLoader: () => Loader;
  /** Chooses a backend, if none was chosen. */
  readonly backend: () => Promise<unknown>;
}

/** The functions, by the names under which entry points export them. */
export interface InMemoryVerbs {
  /**
   * Trains the model in place and yields after each update; the caller prints, evaluates and saves. What the recipe
   * takes from its training set (a mean image, a whitening, principal colours) is computed before the first update,
   * unless `fitted` is given, and is known to `evaluate` and `predict` of the same model.
   *
   * The same model, recipe, data and seed give the same weights.
   * @throws Diverged, a `UserError`, when the loss is no longer a finite number
   */
  train(options: TrainOptions): AsyncGenerator<Update, void, undefined>;
  /**
   * Classifies every image of a data set, whole or by crops, and counts the errors.
   * @throws UserError when there are no images, or the recipe takes values from a training set that are not known
   */
  evaluate(options: EvaluateOptions): Promise<Evaluation>;
  /**
   * A network's class scores for all images, in the order of the data.
   * @throws UserError as `evaluate`
   */
  predict(options: PredictOptions): AsyncGenerator<Prediction, void>;
}

export function inMemoryVerbs({ openLoader, backend }: Surroundings): InMemoryVerbs {
  return {
    train: async function* (options) {
      expectModel('train', options);
      wholeNumber('seed', options.seed, 0);
      await backend();
      const { model, recipe, data, fitted } = options;
      const loader = options.loader ?? openLoader();
      try {
        if (fitted !== undefined || !needsFitting(recipe)) return yield* trainLoop({ ...options, loader });
        const found = await fitRecipe(undistortedPixels(data, recipe, loader.open), recipe);
        fittings.set(model, { input: JSON.stringify(recipe.input), ...found });
        yield* trainLoop({ ...options, ...found, loader });
      } finally {
        if (!options.loader) await loader.close();
      }
    },
    evaluate: async (options) => {
      expectModel('evaluate', options);
      await backend();
      const loader = options.loader ?? openLoader();
      try {
        return await evaluateLoop(asTrained({ ...options, loader }));
      } finally {
        if (!options.loader) await loader.close();
      }
    },
    predict: async function* (options) {
      expectModel('predict', options);
      await backend();
      const loader = options.loader ?? openLoader();
      try {
        yield* predictLoop(asTrained({ ...options, loader }));
      } finally {
        if (!options.loader) await loader.close();
      }
    },
  };
}

/** @throws UserError when one of what every function here needs is missing */
function expectModel(verb: string, options: Shown): void {
  const given: Partial<Shown> | undefined = options;
  for (const name of ['model', 'recipe', 'data'] as const)
    if (typeof given?.[name] !== 'object') throw new UserError(`${verb}: expected ${name}, found none`);
}

interface Shown {
  readonly model: tf.LayersModel;
  readonly recipe: Pick<Recipe, 'input' | 'augment' | 'loss'>;
  readonly data: ImageSet;
  readonly fitted?: FittedPreprocess | undefined;
}

/** The options with what was fitted when this model was trained by this recipe. */
function asTrained<Options extends Shown>(options: Options): Options {
  const { model, recipe, fitted } = options;
  if (fitted !== undefined || !needsFitting({ input: recipe.input, augment: [] })) return options;
  const known = fittings.get(model);
  if (known?.input === JSON.stringify(recipe.input))
    return { ...options, fitted: known.fitted, recipe: { ...recipe, input: known.recipe.input } };
  throw new UserError(
    `${model.name}: expected what its preprocessing takes from a training set (fitted), found none; train gives it to the model that it trains, fitRecipe computes it`,
  );
}
