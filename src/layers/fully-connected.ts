/** Fully connected layers, and their convolutional form with the same weights. */
import { tf } from '../core/tf';

/** The options of a fully connected layer. */
export interface FullyConnectedOptions {
  readonly name: string;
  readonly units: number;
  readonly activation?: 'relu';
  /** `[height, width]` of the input of one unit, which slides over the map; by default, a unit sees the whole input. */
  readonly window?: readonly [height: number, width: number];
}

/**
 * A fully connected layer, in one of two forms whose weights are the same numbers in the same order. Applied to the
 * whole input, `[batch, height, width, maps]` or `[batch, inputs]` → `[batch, units]`, its kernel is `[height · width ·
 * maps, units]`. Applied to every `window` of the input, → `[batch, rows, columns, units]`, its kernel is `[window
 * height, window width, maps, units]`. Weights are initialised with zeros.
 */
export function fullyConnected(
  below: tf.SymbolicTensor,
  { name, units, activation, window }: FullyConnectedOptions,
): tf.SymbolicTensor {
  const start = { name, kernelInitializer: 'zeros', ...(activation && { activation }) } as const;
  if (window) {
    const kernelSize: [number, number] = [...window];
    return tf.layers.conv2d({ ...start, filters: units, kernelSize }).apply(below) as tf.SymbolicTensor;
  }
  const flat = below.rank > 2 ? tf.layers.flatten({ name: `${name}/flat` }).apply(below) : below;
  return tf.layers.dense({ ...start, units }).apply(flat) as tf.SymbolicTensor;
}

/**
 * Gives a network in one form the weights of the same network in the other form, by name. The two models then share the
 * memory of their weights until one of them is trained.
 * @throws RangeError when the models are not two forms of one network
 */
export function shareWeights(from: tf.LayersModel, to: tf.LayersModel): void {
  const given = new Map(from.weights.map((weight) => [weight.originalName, weight]));
  if (given.size !== to.weights.length) {
    throw new RangeError(`${to.name}: expected ${to.weights.length} weights to share, found ${given.size}`);
  }
  for (const weight of to.weights) {
    const shape = weight.shape as number[];
    const source = given.get(weight.originalName);
    if (!source || tf.util.sizeFromShape(source.shape as number[]) !== tf.util.sizeFromShape(shape)) {
      throw new RangeError(
        `${to.name}: expected values for ${weight.originalName} [${shape.join(', ')}], found ${source ? `[${source.shape.join(', ')}]` : 'none'}`,
      );
    }
    const value = source.read().reshape(shape);
    weight.write(value);
    value.dispose();
  }
}
