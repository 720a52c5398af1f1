/** Which layers learn and which stay as they are in a fine-tuning. */
import { UserError } from '../core/errors';
import type { Network } from '../core/network';
import { asked, nearestNames } from '../core/text/did-you-mean';
import { option } from '../core/text/wording';
import type { tf } from '../core/tf';
import { few } from '../weights/import/mapping-report';

/**
 * The names of a model's layers that match one of the patterns, such as `inception_3*`, in which `*` matches any
 * characters.
 * @throws UserError when a pattern matches no layer that has weights
 */
export function layersLike(model: tf.LayersModel, patterns: readonly string[]): readonly string[] {
  const names = model.layers.filter(({ weights }) => weights.length > 0).map(({ name }) => name);
  const found = patterns.flatMap((pattern) => {
    const fits = new RegExp(`^${pattern.split('*').map(literally).join('.*')}$`);
    const fitting = names.filter((name) => fits.test(name));
    if (fitting.length > 0) return fitting;
    const without = model.layers.find(({ name }) => fits.test(name));
    const having = `${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''}`;
    throw new UserError(
      without
        ? `${model.name}: expected layers like ${pattern} that have weights, found ${without.name} without; ${having} have some`
        : `${model.name}: expected layers like ${pattern}, found ${having}${asked(near(pattern, names))}`,
    );
  });
  return [...new Set(found)];
}

/** Layers, or patterns of their beginnings, near to one that fits none. */
function near(pattern: string, names: readonly string[]): readonly string[] {
  if (!pattern.endsWith('*')) return nearestNames(pattern, names);
  const letters = pattern.length - 1;
  const beginnings = [...new Set(names.map((name) => name.slice(0, letters)))];
  return nearestNames(pattern.slice(0, -1), beginnings).map((beginning) => `${beginning}*`);
}

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** The class names of layers that sub-sample feature maps. */
const subsampling = ['Subsample', 'CeilPool', 'AveragePooling2D', 'MaxPooling2D', 'AdaptiveAveragePool'];

/**
 * The layers that are trained for new classes when all others are frozen: those of the head or, if the head has no
 * trainable weights (LeNet-5's codes are fixed), those above the last sub-sampling.
 * @param head the layers with new random weights
 */
export function learnersOf(model: tf.LayersModel, head: readonly string[]): readonly string[] {
  const learning = model.layers.filter(({ trainableWeights }) => trainableWeights.length > 0);
  const own = learning.filter(({ name }) => head.includes(name));
  const last = model.layers.findLastIndex((layer) => subsampling.includes(layer.getClassName()));
  const above = learning.filter((layer) => model.layers.indexOf(layer) > last);
  return (own.length > 0 ? own : above).map(({ name }) => name);
}

/** Freezes layers: their weights and, in normalising layers, the running statistics do not change in training. */
export function freeze(model: tf.LayersModel, names: readonly string[]): void {
  const frozen = new Set(names);
  for (const layer of model.layers) {
    if (!frozen.has(layer.name)) continue;
    layer.trainable = false;
    if (layer.getClassName() !== 'BatchNormalization') continue;
    // Unlike in Keras, this layer would normalise by the batch's statistics even when it is frozen.
    const call = layer.call.bind(layer);
    layer.call = (inputs, given) => call(inputs, { ...given, training: false });
  }
}

/** How the layers that keep their weights are chosen. */
export interface FreezeChoices {
  /** The weights that were neither loaded nor trained. */
  readonly notLoaded: readonly string[];
  /** `['all']` but those that learn by default, `['none']`, or names with `*`. */
  readonly patterns: readonly string[];
  /** The network's name, and where its weights come from, for messages. */
  readonly name: string;
  readonly where: string;
  readonly remark: (line: string) => void;
}

/** Which layers keep their weights, and which learn by default. */
export interface Freezing {
  readonly frozen: readonly string[];
  /** The head or its replacement, and the layers that start from new weights. */
  readonly learners: readonly string[];
  /** Those of them below the head: not all of their weights were loaded or trained. */
  readonly afresh: readonly string[];
}

/**
 * Freezes the layers that keep their weights in a fine-tuning.
 * @throws UserError for layers that start from new weights, match nothing, or leave none that learns
 */
export function freezeAsChosen(
  network: Pick<Network, 'head'>,
  model: tf.LayersModel,
  choices: FreezeChoices,
): Freezing {
  const afresh = layersAfresh(network, model, choices.notLoaded);
  const learners = [...new Set([...learnersOf(model, network.head), ...afresh])];
  const frozen = frozenLayers(network, model, { learners, afresh }, choices);
  if (afresh.length > 0)
    choices.remark(
      `${choices.where}: not all weights of ${few(afresh)} were loaded or trained: such layers start afresh and learn, as the head does`,
    );
  freeze(model, frozen);
  if (model.trainableWeights.length === 0)
    throw new UserError(
      `${option('freeze')}: expected at least one layer that learns, of ${learners.join(', ')}, found all of them frozen`,
    );
  return { frozen, learners, afresh };
}

/**
 * The layers below the head that start from new weights like the head, because not all their weights were loaded or
 * trained.
 * @param notLoaded the weights that were not
 */
export function layersAfresh(
  { head }: Pick<Network, 'head'>,
  learning: tf.LayersModel,
  notLoaded: readonly string[],
): readonly string[] {
  const drawn = new Set(notLoaded);
  return learning.layers
    .filter(({ trainableWeights }) => trainableWeights.length > 0)
    .filter(({ weights }) => weights.some(({ originalName }) => drawn.has(originalName)))
    .map((layer) => layer.name)
    .filter((layer) => !head.some((own) => own === layer));
}

/** The names of the layers that keep their weights. */
function frozenLayers(
  { head }: Pick<Network, 'head'>,
  model: tf.LayersModel,
  { learners, afresh }: Pick<Freezing, 'learners' | 'afresh'>,
  { patterns, name, remark }: FreezeChoices,
): readonly string[] {
  if (patterns.length === 1 && patterns[0] === 'none') return [];
  if (patterns.length === 1 && patterns[0] === 'all') {
    if (!learners.some((layer) => head.includes(layer)))
      remark(
        `no layer in the head of ${name} can learn; the layers above its last sub-sampling learn instead: ${learners.join(', ')}`,
      );
    return layersLike(model, ['*']).filter((layer) => !head.includes(layer) && !learners.includes(layer));
  }
  const frozen = layersLike(model, patterns);
  const drawn = frozen.find((layer) => afresh.includes(layer));
  if (drawn !== undefined)
    throw new UserError(
      `${option('freeze')}: expected layers that were loaded or trained, found ${drawn}, which is as it was drawn; without ${option('freeze')} such layers learn`,
    );
  const own = frozen.find((layer) => head.includes(layer));
  if (own === undefined) return frozen;
  throw new UserError(
    `${option('freeze')}: expected layers below the head, which starts afresh, found ${own}`,
  );
}
