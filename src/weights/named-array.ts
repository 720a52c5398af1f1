/** Weights by name, stored outside the backend. */
import { tf } from '../core/tf';
import { UserError } from '../core/errors';

/** A tensor stored outside the backend. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Copies weights out of the backend, under the names that their layers gave them (`C1/kernel`). */
export function arraysOf(weights: readonly tf.LayerVariable[]): Promise<readonly NamedArray[]> {
  return Promise.all(weights.map((weight) => read(weight.originalName, weight.read())));
}

/**
 * Sets each of some weights to the array of its name.
 * @param where what the arrays were read from, for messages
 * @throws UserError when a name is missing or left over, or a shape differs; no weight is changed in that case
 */
export function setWeights(
  weights: readonly tf.LayerVariable[],
  arrays: readonly NamedArray[],
  where: string,
): void {
  const wanted = weights.map(({ originalName, shape }) => ({ name: originalName, shape: shape as number[] }));
  const values = matched(wanted, arrays, where);
  weights.forEach((weight, index) => {
    const value = tf.tensor(values[index]!, weight.shape as number[]);
    weight.write(value);
    value.dispose();
  });
}

/** Copies a tensor out of the backend. */
export async function read(name: string, tensor: tf.Tensor): Promise<NamedArray> {
  return { name, shape: tensor.shape, values: (await tensor.data<'float32'>()).slice() };
}

/**
 * The values of the arrays in the order of `wanted`, matched by name.
 * @throws UserError see `setWeights`
 */
export function matched(
  wanted: readonly { readonly name: string; readonly shape: readonly number[] }[],
  arrays: readonly NamedArray[],
  where: string,
): Float32Array[] {
  const found = new Map(arrays.map((array) => [array.name, array]));
  const values = wanted.map(({ name, shape }) => {
    const array = found.get(name);
    if (!array)
      throw new UserError(
        `${where}: expected a tensor ${name} [${shape.join(', ')}], found none of that name`,
      );
    if (array.shape.join() !== shape.join()) {
      throw new UserError(
        `${where}: expected ${name} [${shape.join(', ')}], found [${array.shape.join(', ')}]`,
      );
    }
    found.delete(name);
    return array.values;
  });
  const [leftOver] = found.keys();
  if (leftOver !== undefined)
    throw new UserError(`${where}: found a tensor ${leftOver} that the model does not have`);
  return values;
}

/**
 * Copies arrays into the named layers of a model, by the names of their weights. If no layer is named, all layers are
 * set.
 * @param where what the arrays were read from, for messages
 * @param lacking weights that are left unchanged because the file does not have them
 * @throws UserError when the model or the arrays lack a layer, or a shape differs; then no weight is changed
 */
export function copyLayers(
  model: tf.LayersModel,
  arrays: readonly NamedArray[],
  layers: 'all' | readonly string[],
  where: string,
  lacking: readonly string[] = [],
): void {
  const given = (weights: readonly tf.LayerVariable[]) =>
    weights.filter(({ originalName }) => !lacking.includes(originalName));
  if (layers === 'all') return setWeights(given(model.weights), arrays, where);
  const weights = layers.flatMap((name) => {
    const layer = model.layers.find((candidate) => candidate.name === name);
    if (layer) return given(layer.weights);
    throw new UserError(`${model.name}: expected a layer ${name} to start from ${where}, found none`);
  });
  const wanted = new Set(weights.map(({ originalName }) => originalName));
  const chosen = arrays.filter(({ name }) => wanted.has(name));
  setWeights(weights, chosen, where);
}
