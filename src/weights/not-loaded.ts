/**
 * Weights that are as they were drawn: no file gave them, and no training changed them. Model folders and exports name
 * them, and leave them out where they can, so that nobody takes them for trained ones.
 */
import type { Refuse } from '../core/errors';
import type { tf } from '../core/tf';
import { counted } from '../core/text/counted';
import { readJson } from '../core/io/json-text';
import { mainPath } from './import/mapping';
import { few } from './import/mapping-report';

/** What such names stand under in the metadata of a file. */
export const notLoadedKey = 'notLoaded';

/**
 * The names that a file's metadata have of them; nothing where they have none.
 * @throws UserError where they are no names
 */
export function notLoadedNames(found: unknown, refuse: Refuse): readonly string[] | undefined {
  if (found === undefined) return undefined;
  if (Array.isArray(found) && found.every((name) => typeof name === 'string')) return found;
  return refuse(`names of weights under ${notLoadedKey}`, 'something else');
}

/** As `notLoadedNames`, of metadata that are texts, in which the names are JSON. */
export function notLoadedText(
  text: string | undefined,
  where: string,
  refuse: Refuse,
): readonly string[] | undefined {
  if (text === undefined) return undefined;
  return notLoadedNames(readJson(Buffer.from(text), `${where}, ${notLoadedKey}`), refuse);
}

/** Those of them that lead to a model's class scores: heads that evaluation drops do not. */
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

/** The layers of some weights, by the weights' names: `conv1/7x7_s2/kernel` is of `conv1/7x7_s2`. */
export function layersOfWeights(weights: readonly string[]): readonly string[] {
  return [...new Set(weights.map((name) => name.slice(0, Math.max(0, name.lastIndexOf('/')))))];
}

/** `4 weights of fc6, fc7`, `12 weights of 6 layers (loss1/conv, loss1/fc, loss1/classifier, …)` */
export function weightsText(weights: readonly string[]): string {
  const layers = layersOfWeights(weights);
  const named = layers.length > 3 ? `${layers.length} layers (${few(layers)})` : layers.join(', ');
  return `${counted(weights.length, 'weight')} of ${named}`;
}
