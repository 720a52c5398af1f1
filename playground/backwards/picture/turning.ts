/** A picture turned into another by gradient steps on its pixels, while the weights stay as they are. */
import { tf } from '../../../src/core/tf';
import { lossOfOutputs } from '../../../src/train/loss';
import { lossRecipe, type Teachable } from '../backward';
import { clipped, type InputRange } from './input-range';

/** What the network makes of a picture on its way. */
export interface Turned {
  /** As the model takes it, `[height, width, channels]`. */
  readonly input: Float32Array;
  /** The loss for the wanted class. */
  readonly loss: number;
  readonly scores: Float32Array;
  /** ∂E/∂x of each value of the input. */
  readonly slope: Float32Array;
}

/** The loss of a picture for a wanted class, and its derivatives with respect to the picture alone. */
export async function towards(trained: Teachable, input: Float32Array, wanted: number): Promise<Turned> {
  const { model } = trained;
  const shape = model.inputs[0]!.shape.slice(1) as [number, number, number];
  const found = tf.tidy(() => {
    const labels = tf.tensor1d([wanted], 'int32');
    let scores: tf.Tensor | undefined;
    const lossAt = (images: tf.Tensor) => {
      const outputs = [model.apply(images, { training: true })].flat() as tf.Tensor2D[];
      scores = tf.keep(outputs[0]!);
      return lossOfOutputs(outputs, model.outputNames, lossRecipe(trained), labels);
    };
    const { value, grad } = tf.valueAndGrad(lossAt)(tf.tensor4d(input, [1, ...shape]));
    return { loss: value, slope: grad, scores: scores! };
  });
  const [[loss], slope, scores] = await Promise.all([
    found.loss.data<'float32'>(),
    found.slope.data<'float32'>(),
    found.scores.data<'float32'>(),
  ]);
  const turned = { input, loss: loss!, scores: scores.slice(), slope: slope.slice() };
  tf.dispose(found);
  return turned;
}

/** x ← x − ε ∂E/∂x, within the range of each pixel: a margin that no pixel of the picture reaches stays. */
export function descended(
  { input, slope }: Pick<Turned, 'input' | 'slope'>,
  rate: number,
  range: InputRange,
): Float32Array {
  return clipped(
    input.map((value, at) => value - rate * slope[at]!),
    range,
  );
}
