/** One picture sent backwards through a model: the loss, and the derivatives of it, as plain arrays. */
import type { PageTrained } from '../../browser';
import type { Recipe } from '../../src/core/network';
import { tf } from '../../src/core/tf';
import { backwardPass, type Sloped } from '../../src/describe/gradients/backward-pass';
import type { LayerOutput } from '../../src/describe/units/activations';
import { inputsOf } from '../../src/layers/layer-walk';
import { auxiliaryHeads } from '../photo/heads';

/** What is needed of a trained model to send a loss back through it. */
export type Teachable = Pick<PageTrained, 'model' | 'recipe' | 'builder'> &
  Partial<Pick<PageTrained, 'notLoaded'>>;

/** A tensor of weights with the derivatives of the loss with respect to them. */
export interface SlopedWeights {
  /** Its own name in the layer, such as `kernel`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly slopes: Float32Array;
}

/** The derivatives at a layer. */
export interface LayerSlopes {
  readonly layer: tf.layers.Layer;
  readonly weights: readonly SlopedWeights[];
  /** With respect to the layer's output, without the batch. */
  readonly output: LayerOutput;
}

/** The derivatives of the loss of one picture with respect to everything in a model. */
export interface Backward {
  readonly target: number;
  readonly loss: number;
  /** Of the main output, one a class, and the derivatives with respect to them. */
  readonly scores: Float32Array;
  readonly scoreSlopes: Float32Array;
  /** In the order of computation. */
  readonly layers: readonly LayerSlopes[];
  /** With respect to the picture as the model takes it, `[height, width, channels]`. */
  readonly image: LayerOutput;
}

/**
 * The recipe whose loss trained the model: its network's, with the model's own loss and preprocessing. Auxiliary heads
 * whose weights the file did not have are random, and do not count.
 */
export function lossRecipe({ model, builder, recipe, notLoaded = [] }: Teachable): Recipe {
  const known = { ...builder.recipe, ...recipe };
  if (!known.auxiliary) return known;
  const random = auxiliaryHeads({ model, notLoaded }).filter(({ loaded }) => !loaded);
  const without = Object.fromEntries(random.map(({ name }) => [name, 0]));
  return { ...known, auxiliary: { ...known.auxiliary, ...without } };
}

/**
 * Sends the loss of one picture back, by the function that the command `check-gradients` compares with differences.
 * @param input as the model takes it, `[height, width, channels]`
 * @param target the class that it should answer
 */
export async function backwardOf(trained: Teachable, input: Float32Array, target: number): Promise<Backward> {
  const { model } = trained;
  const shape = model.inputs[0]!.shape.slice(1) as [number, number, number];
  const images = tf.tensor4d(input, [1, ...shape]);
  const labels = tf.tensor1d([target], 'int32');
  try {
    const pass = await backwardPass({ model, images, labels }, lossRecipe(trained));
    try {
      const [output] = pass.outputs;
      const layers = await Promise.all(
        pass.layers.map(async ({ layer, weights, outputSlope }) => ({
          layer,
          weights: await Promise.all(weights.map(weightsOf)),
          output: { shape: outputSlope.shape.slice(1), values: await valuesOf(outputSlope) },
        })),
      );
      const [scores, scoreSlopes] = [await valuesOf(output!.value), await valuesOf(output!.slope)];
      const readers = pass.layers.flatMap(({ layer, inputs }) =>
        inputs.filter((_, at) => inputsOf(layer)[at]!.id === model.inputs[0]!.id),
      );
      const parts = await Promise.all(readers.map(({ slope }) => valuesOf(slope)));
      // What several layers read has the sum of their derivatives.
      const sum = Float32Array.from(input, (_, at) => parts.reduce((total, part) => total + part[at]!, 0));
      return { target, loss: pass.loss, scores, scoreSlopes, layers, image: { shape, values: sum } };
    } finally {
      pass.dispose();
    }
  } finally {
    tf.dispose([images, labels]);
  }
}

async function weightsOf({ name, value, slope }: Sloped): Promise<SlopedWeights> {
  return { name, shape: value.shape, values: await valuesOf(value), slopes: await valuesOf(slope) };
}

/** A copy: where the backend computes in JavaScript, the data are the tensor's own. */
async function valuesOf(tensor: tf.Tensor): Promise<Float32Array> {
  return (await tensor.data<'float32'>()).slice();
}
