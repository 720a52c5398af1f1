/** Turns the options of a fine-tuning into a recipe. */
import { zoo, type NetworkName } from '../../../models/registry';
import type { ImageSet, Splits } from '../../../src/data/dataset';
import { UserError } from '../../../src/core/errors';
import type { Loss, Recipe } from '../../../src/core/network';
import type { tf } from '../../../src/core/tf';
import { checkRecipe, namingOptions } from '../../../src/train/check-recipe';
import { featureBytes } from '../../../src/finetune/feature-cache';
import { layersLike } from '../../../src/finetune/freeze';
import { splitAboveFrozen } from '../../../src/finetune/split-model';
import { overridden, pathsSet, touches } from '../../../src/core/recipe/overrides';
import { balancedWeights, solvedRecipe, finetuneRecipe } from '../../../src/finetune/finetune-recipe';
import { note } from '../../cli/output';
import { finetuneMethod, type FinetuneMethod } from './finetune-method';
import type { FinetuneArguments } from '../../cli/options/finetune-options';
import type { Choices } from './finetune-run';
import type { FinetuneStart } from './finetune-start';

/** The most bytes of features that are kept; beyond that, the frozen layers are computed again in each epoch. */
const mostFeatures = 2e9;

/**
 * The recipe, and whether the features that the frozen layers compute from the images are computed only once. That
 * needs three things: the frozen layers end in one tensor, all features fit in memory, and the layers above can do
 * without new distortions. The head always can; other layers only if nothing is distorted or a number of variants was
 * requested.
 */
export function finetuneRecipeFor(
  name: NetworkName,
  start: FinetuneStart,
  model: tf.LayersModel,
  learners: readonly string[],
  data: Required<Splits>,
  given: Choices,
): Settled {
  const { train: training, validation, test } = data;
  const set = pathsSet(given.set ?? []);
  expectOptionsUsed(given, set);
  const lossSet = (given.set ?? []).filter((text) => touches(pathsSet([text]), 'loss'));
  const { loss } = overridden(zoo[name].recipe, lossSet);
  const method = finetuneMethod(given, model, loss, set);
  const learning = model.layers.filter(({ trainableWeights }) => trainableWeights.length > 0);
  const head = learning.map(({ name: layer }) => layer).filter((layer) => learners.includes(layer));
  const headAlone = head.length === learning.length;
  const descended = finetuneRecipe(zoo[name].recipe, {
    input: start.input,
    head,
    rates: new Map((given['layer-rate'] ?? []).flatMap((text) => ratesOf(model, text))),
    headAlone,
    classWeights: touches(set, 'loss.classWeights')
      ? undefined
      : weightsOf(zoo[name].recipe.loss, training, given['class-weights'] ?? 'auto'),
  });
  const plain = method.kind === 'solve' ? solvedRecipe(descended, training.labels.length) : descended;
  const option = (asked: string, path: string, value: number | undefined) =>
    value === undefined ? [] : [{ option: asked, assignment: `${path}=${value}` }];
  const recipe = overridden(plain, given.set ?? [], [
    ...option('--batch', 'batchSize', given.batch),
    ...option('--epochs', 'epochs', given.epochs),
    ...option('--rate', 'schedule.from', given.rate),
    ...option('--variants', 'variants', given.variants),
  ]);
  if (given.patience !== undefined && given.patience >= recipe.epochs)
    throw new UserError(
      `--patience: expected fewer than the ${recipe.epochs} epochs of the training, found ${given.patience}`,
    );
  const parts = method.kind === 'solve' ? method.parts : splitAboveFrozen(model);
  const several = { ...recipe, variants: recipe.variants ?? 1 };
  const allowed = headAlone || given.variants !== undefined || recipe.augment.length === 0;
  const bytes = parts ? featureBytes({ ...parts, recipe: several, training, others: [validation, test] }) : 0;
  const features = parts !== null && allowed && bytes <= mostFeatures;
  if (given.variants !== undefined && !features)
    throw new UserError(
      parts
        ? `--variants: expected features of the frozen layers that take at most ${mostFeatures / 1e9} GB, found ${(bytes / 1e9).toFixed(1)}`
        : '--variants: expected frozen layers below all that learn, which see each variant once, found none',
    );
  if (method.kind === 'solve' && !features)
    return finetuneRecipeFor(name, start, model, learners, data, descending(given, bytes));
  if (parts && allowed && !features)
    note(
      `the frozen layers are computed again in each epoch, since their features of all images would take ${(bytes / 1e9).toFixed(1)} GB`,
    );
  const { variants: _, ...anew } = recipe;
  const settled = features ? several : touches(set, 'variants') ? recipe : anew;
  const options = new Set([...set, ...(given.variants === undefined ? [] : ['variants'])]);
  const solved = method.kind === 'solve' ? method : null;
  const mode = { kind: 'finetune', head: features ? parts.head : null, solved: solved !== null } as const;
  namingOptions(given.variants === undefined ? {} : { '--variants': 'variants' }, () =>
    checkRecipe(settled, { name, model, data: training, set: options, mode }),
  );
  return { recipe: settled, features, solved };
}

interface Settled {
  readonly recipe: Recipe;
  readonly features: boolean;
  /** Null for gradient descent. */
  readonly solved: Extract<FinetuneMethod, { readonly kind: 'solve' }> | null;
}

/**
 * The options to use with `--method descend`, for features that are too large for solving the head.
 * @throws UserError for an option that only solving has
 */
function descending(given: Choices, bytes: number): Choices {
  const [set] = (given.set ?? []).filter((text) => text.startsWith('optimiser.'));
  const only = [
    ...(given.method === 'solve' ? ['--method solve'] : []),
    ...(given['with-validation'] ? ['--with-validation'] : []),
    ...(set === undefined ? [] : [`--set ${set}`]),
  ][0];
  if (only !== undefined)
    throw new UserError(
      `${only}: expected features of the frozen layers that take at most ${mostFeatures / 1e9} GB, found ${(bytes / 1e9).toFixed(1)}`,
    );
  return { ...given, method: 'descend' };
}

/** @throws UserError for an option that has no effect because of `--set` */
function expectOptionsUsed(given: Choices, set: ReadonlySet<string>): void {
  const undone = [
    ['layer-rate', given['layer-rate'], 'multipliers'],
    ['class-weights', given['class-weights'] === 'auto' ? undefined : given['class-weights'], 'loss'],
  ] as const;
  for (const [option, value, path] of undone)
    if (value !== undefined && (set.has(path) || touches(set, `${path}.classWeights`)))
      throw new UserError(`--${option}: expected it without --set ${path}, which replaces it, found both`);
}

function ratesOf(model: tf.LayersModel, text: string): (readonly [string, number])[] {
  const at = text.lastIndexOf('=');
  const factor = Number(text.slice(at + 1));
  if (at < 1 || !(factor >= 0 && factor <= 1e6) || text.endsWith('='))
    throw new UserError(`--layer-rate: expected LAYERS=FACTOR, such as inception_5*=2, found ${text}`);
  if (factor === 0)
    throw new UserError(
      `--layer-rate: expected a factor above 0, found ${text}; layers keep their weights by --freeze`,
    );
  const layers = layersLike(model, [text.slice(0, at)]);
  const learning = layers.filter((name) => model.getLayer(name).trainableWeights.length > 0);
  if (learning.length === 0)
    throw new UserError(
      `--layer-rate ${text}: expected layers that learn, found ${layers.join(', ')} frozen`,
    );
  return learning.map((layer) => [layer, factor] as const);
}

function weightsOf(
  { kind }: Loss,
  { labels, classes }: ImageSet,
  asked: NonNullable<FinetuneArguments['class-weights']>,
): readonly number[] | undefined {
  if (asked === 'none') return undefined;
  if (kind !== 'softmaxCrossEntropy') {
    if (asked === 'auto') return undefined;
    throw new UserError(`--class-weights: expected none for a loss of kind ${kind}, found ${asked}`);
  }
  const weights = balancedWeights(labels, classes.length);
  if (asked === 'auto' && Math.max(...weights) <= 2 * Math.min(...weights)) return undefined;
  if (asked === 'auto')
    note('classes count the same in the loss, since some have over twice as many images as others');
  return weights;
}
