/** Turns the options of a fine-tuning into a recipe. */
import type { ImageSet, Splits } from '../../data/dataset';
import { UserError } from '../../core/errors';
import type { Loss, Recipe } from '../../core/network';
import type { tf } from '../../core/tf';
import { checkRecipe, namingOptions } from '../../train/check-recipe';
import { featureBytes } from '../../finetune/feature-cache';
import { layersLike } from '../../finetune/freeze';
import { splitAboveFrozen } from '../../finetune/split-model';
import { overridden, pathsSet, touches } from '../../core/recipe/overrides';
import {
  areUneven,
  balancedWeights,
  finetuneRecipe,
  solvedRecipe,
  unsmoothed,
  usualAdam,
} from '../../finetune/finetune-recipe';
import type { Network } from '../../core/network';
import { option } from '../../core/text/wording';
import type { ClassWeights } from '../choices';
import type { Context } from '../context';
import { finetuneMethod, type FinetuneMethod } from './finetune-method';
import type { FinetuneRunChoices } from './finetune-run';
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
  network: Network,
  start: FinetuneStart,
  model: tf.LayersModel,
  learners: readonly string[],
  data: Required<Splits>,
  given: FinetuneRunChoices,
  context: Context,
): Settled {
  const { network: name } = given;
  const { train: training, validation, test } = data;
  const set = pathsSet(given.set ?? []);
  expectOptionsUsed(given, set);
  const lossSet = (given.set ?? []).filter((text) => touches(pathsSet([text]), 'loss'));
  const own = { ...network.recipe, loss: unsmoothed(network.recipe.loss) };
  const { loss } = overridden(own, lossSet);
  expectSmoothing(loss, given.labelSmoothing);
  const method = finetuneMethod(given, model, loss, set, context);
  const learning = model.layers.filter(({ trainableWeights }) => trainableWeights.length > 0);
  const head = learning.map(({ name: layer }) => layer).filter((layer) => learners.includes(layer));
  const headAlone = head.length === learning.length;
  const descended = finetuneRecipe(network.recipe, {
    input: start.input,
    head,
    optimiser: optimiserOf(network.recipe, given),
    rates: new Map((given.layerRate ?? []).flatMap((text) => ratesOf(model, text))),
    headAlone,
    classWeights: touches(set, 'loss.classWeights')
      ? undefined
      : weightsOf(network.recipe.loss, training, given.classWeights ?? 'auto', context),
  });
  const plain = method.kind === 'solve' ? solvedRecipe(descended, training.labels.length) : descended;
  const asked = (name: string, path: string, value: number | undefined) =>
    value === undefined ? [] : [{ option: option(name), assignment: `${path}=${value}` }];
  const warmed =
    given.warmUp === undefined ? plain : { ...plain, warmUp: { epochs: given.warmUp, from: warmUpFrom } };
  const recipe = overridden(warmed, given.set ?? [], [
    ...asked('warmUp', 'warmUp.epochs', given.warmUp),
    ...asked('labelSmoothing', 'loss.labelSmoothing', given.labelSmoothing),
    ...asked('clipNorm', 'clipNorm', given.clipNorm),
    ...asked('accumulate', 'accumulate', given.accumulate),
    ...asked('batch', 'batchSize', given.batch),
    ...asked('epochs', 'epochs', given.epochs),
    ...asked('rate', 'schedule.from', given.rate),
    ...asked('variants', 'variants', given.variants),
  ]);
  if (given.patience !== undefined && given.patience >= recipe.epochs)
    throw new UserError(
      `${option('patience')}: expected fewer than the ${recipe.epochs} epochs of the training, found ${given.patience}`,
    );
  const parts = method.kind === 'solve' ? method.parts : splitAboveFrozen(model);
  const several = { ...recipe, variants: recipe.variants ?? 1 };
  const allowed = headAlone || given.variants !== undefined || recipe.augment.length === 0;
  const bytes = parts ? featureBytes({ ...parts, recipe: several, training, others: [validation, test] }) : 0;
  const features = parts !== null && allowed && bytes <= mostFeatures;
  if (given.variants !== undefined && !features)
    throw new UserError(
      parts
        ? `${option('variants')}: expected features of the frozen layers that take at most ${mostFeatures / 1e9} GB, found ${(bytes / 1e9).toFixed(1)}`
        : `${option('variants')}: expected frozen layers below all that learn, which see each variant once, found none`,
    );
  if (method.kind === 'solve' && !features)
    return finetuneRecipeFor(network, start, model, learners, data, descending(given, bytes), context);
  if (parts && allowed && !features)
    context.remark(
      `the frozen layers are computed again in each epoch, since their features of all images would take ${(bytes / 1e9).toFixed(1)} GB`,
    );
  const { variants: _, ...anew } = recipe;
  const settled = features ? several : touches(set, 'variants') ? recipe : anew;
  const byOption = Object.fromEntries(
    Object.entries(checkedFields)
      .filter(([name]) => given[name as keyof typeof checkedFields] !== undefined)
      .map(([name, field]) => [option(name), field]),
  );
  const options = new Set([...set, ...Object.values(byOption)]);
  const solved = method.kind === 'solve' ? method : null;
  const mode = { kind: 'finetune', head: features ? parts.head : null, solved: solved !== null } as const;
  namingOptions(byOption, () => checkRecipe(settled, { name, model, data: training, set: options, mode }));
  return { recipe: settled, features, solved };
}

interface Settled {
  readonly recipe: Recipe;
  readonly features: boolean;
  /** Null for gradient descent. */
  readonly solved: Extract<FinetuneMethod, { readonly kind: 'solve' }> | null;
}

/** Options whose fields are refused where they have no effect. */
const checkedFields = { variants: 'variants', accumulate: 'accumulate', warmUp: 'warmUp.epochs' } as const;

/** The part of the schedule's rate that a warm-up begins with. */
const warmUpFrom = 0.01;

/**
 * The optimiser that was chosen, by its name or whole in a field.
 * @throws UserError if both were given
 */
function optimiserOf({ optimiser: own, ...recipe }: Recipe, given: FinetuneRunChoices): Recipe['optimiser'] {
  const whole = (given.set ?? []).filter((text) => text.startsWith('optimiser='));
  if (given.optimiser !== undefined && whole.length > 0)
    throw new UserError(
      `recipe: expected optimiser to be set once, found ${option('optimiser', given.optimiser)} and ${option('set', whole[0])}`,
    );
  switch (given.optimiser) {
    case 'momentum':
      return own.kind === 'momentum' ? own : { kind: 'momentum', momentum: 0.9 };
    case 'adam':
    case 'adamw':
      return { kind: given.optimiser, ...usualAdam };
    case undefined:
      return overridden({ ...recipe, optimiser: own }, whole).optimiser;
    default:
      return given.optimiser satisfies never;
  }
}

/** @throws UserError for smoothed labels with a loss that has none */
function expectSmoothing({ kind }: Loss, asked: number | undefined): void {
  if (asked !== undefined && kind !== 'softmaxCrossEntropy')
    throw new UserError(
      `${option('labelSmoothing')}: expected none for a loss of kind ${kind}, found ${asked}`,
    );
}

/**
 * The options for gradient descent, for features that are too large for solving the head.
 * @throws UserError for an option that only solving has
 */
function descending(given: FinetuneRunChoices, bytes: number): FinetuneRunChoices {
  const [set] = (given.set ?? []).filter((text) => text.startsWith('optimiser.'));
  const only = [
    ...(given.method === 'solve' ? [option('method', 'solve')] : []),
    ...(given.withValidation ? [option('withValidation')] : []),
    ...(set === undefined ? [] : [option('set', set)]),
  ][0];
  if (only !== undefined)
    throw new UserError(
      `${only}: expected features of the frozen layers that take at most ${mostFeatures / 1e9} GB, found ${(bytes / 1e9).toFixed(1)}`,
    );
  return { ...given, method: 'descend' };
}

/** @throws UserError for an option that has no effect because of a field that is set */
function expectOptionsUsed(given: FinetuneRunChoices, set: ReadonlySet<string>): void {
  const undone = [
    ['layerRate', given.layerRate, 'multipliers'],
    ['classWeights', given.classWeights === 'auto' ? undefined : given.classWeights, 'loss'],
  ] as const;
  for (const [name, value, path] of undone)
    if (value !== undefined && (set.has(path) || touches(set, `${path}.classWeights`)))
      throw new UserError(
        `${option(name)}: expected it without ${option('set', path)}, which replaces it, found both`,
      );
}

function ratesOf(model: tf.LayersModel, text: string): (readonly [string, number])[] {
  const at = text.lastIndexOf('=');
  const factor = Number(text.slice(at + 1));
  if (at < 1 || !(factor >= 0 && factor <= 1e6) || text.endsWith('='))
    throw new UserError(
      `${option('layerRate')}: expected LAYERS=FACTOR, such as inception_5*=2, found ${text}`,
    );
  if (factor === 0)
    throw new UserError(
      `${option('layerRate')}: expected a factor above 0, found ${text}; layers keep their weights by ${option('freeze')}`,
    );
  const layers = layersLike(model, [text.slice(0, at)]);
  const learning = layers.filter((name) => model.getLayer(name).trainableWeights.length > 0);
  if (learning.length === 0)
    throw new UserError(
      `${option('layerRate', text)}: expected layers that learn, found ${layers.join(', ')} frozen`,
    );
  return learning.map((layer) => [layer, factor] as const);
}

function weightsOf(
  { kind }: Loss,
  { labels, classes }: ImageSet,
  asked: ClassWeights,
  { remark }: Context,
): readonly number[] | undefined {
  if (asked === 'none') return undefined;
  if (kind !== 'softmaxCrossEntropy') {
    if (asked === 'auto') return undefined;
    throw new UserError(
      `${option('classWeights')}: expected none for a loss of kind ${kind}, found ${asked}`,
    );
  }
  const weights = balancedWeights(labels, classes.length);
  if (asked === 'auto' && !areUneven(weights)) return undefined;
  if (asked === 'auto')
    remark('classes count the same in the loss, since some have over twice as many images as others');
  return weights;
}
