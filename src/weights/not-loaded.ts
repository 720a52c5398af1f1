/**
 * Weights that were neither loaded from a file nor changed by training.
 *
 * Model folders and exports list them, and omit them where possible, so that nobody takes them for trained weights.
 */
import type { Refuse } from '../core/errors';
import type { tf } from '../core/tf';
import { counted } from '../core/text/counted';
import { readJson } from '../core/io/json-text';
import { mainPath } from './import/mapping';
import { few } from './import/mapping-report';

/** The key of these names in a file's metadata. */
export const notLoadedKey = 'notLoaded';

/**
 * The names of such weights in a file's metadata; empty if it has none.
 * @throws UserError if the entry is not a list of names
 */
export function notLoadedNames(found: unknown, refuse: Refuse): readonly string[] | undefined {
  if (found === undefined) return undefined;
  if (Array.isArray(found) && found.every((name) => typeof name === 'string')) return found;
  return refuse(`names of weights under ${notLoadedKey}`, 'something else');
}

/** Like `notLoadedNames`, for metadata whose values are strings and contain the names as JSON. */
export function notLoadedText(
  text: string | undefined,
  where: string,
  refuse: Refuse,
): readonly string[] | undefined {
  if (text === undefined) return undefined;
  return notLoadedNames(readJson(new TextEncoder().encode(text), `${where}, ${notLoadedKey}`), refuse);
}

/** Those of the weights that affect a model's class scores: heads that evaluation drops do not. */
export function countingWeights(
  model: tf.LayersModel,
  notLoaded: readonly string[] | undefined,
): readonly string[] {
  const wanted = new Set(notLoaded);
  if (wanted.size === 0) return [];
  const main = mainPath(model);
  return model.layers
    .filter((layer) => main.has(layer))
    .flatMap(({ weights }) => weights.map(({ originalName }) => originalName))
    .filter((name) => wanted.has(name));
}

/** The layers of some weights, taken from the weights' names: `conv1/7x7_s2/kernel` belongs to `conv1/7x7_s2`. */
export function layersOfWeights(weights: readonly string[]): readonly string[] {
  return [...new Set(weights.map((name) => name.slice(0, Math.max(0, name.lastIndexOf('/')))))];
}

/** `4 weights of fc6, fc7`, `12 weights of 6 layers (loss1/conv, loss1/fc, loss1/classifier, …)` */
export function weightsText(weights: readonly string[]): string {
  const layers = layersOfWeights(weights);
  const named = layers.length > 3 ? `${layers.length} layers (${few(layers)})` : layers.join(', ');
  return `${counted(weights.length, 'weight')} of ${named}`;
}
