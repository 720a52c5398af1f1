/** What every layer of a model computes for one image. */
import { elementCount } from '../../core/shape';
import { tf } from '../../core/tf';
import { computingLayers, mainPathOf, outputOf } from '../../layers/layer-walk';
import { withoutBatch } from '../../layers/cost';

/** A layer's output for one image. */
export interface LayerOutput {
  /** Without the batch: `[height, width, maps]` or `[units]`. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Computes the outputs of a model's layers. */
export interface Activations {
  /**
   * The outputs for one image, by the layers' names, the image itself by that of the input.
   * @param image as the model takes it, `[height, width, channels]`
   */
  of(image: Float32Array): Promise<ReadonlyMap<string, LayerOutput>>;
}

/** The outputs of all layers of a model's main path, computed in one pass. The model's weights are not copied. */
export function activationsOf(whole: tf.LayersModel): Activations {
  const model = mainPathOf(whole);
  const layers = computingLayers(model);
  const reading = tf.model({ inputs: model.inputs, outputs: layers.map(outputOf) });
  const inputShape = withoutBatch(model.inputs[0]!.shape);
  return {
    of: async (image) => {
      const outputs = tf.tidy(() => {
        const batch = tf.tensor(image, [1, ...inputShape]);
        const found = reading.predict(batch);
        return Array.isArray(found) ? found : [found];
      });
      const found = new Map<string, LayerOutput>([
        [model.inputs[0]!.sourceLayer.name, { shape: inputShape, values: image }],
      ]);
      const values = await Promise.all(outputs.map((output) => output.data<'float32'>()));
      layers.forEach(({ name }, at) =>
        found.set(name, { shape: outputs[at]!.shape.slice(1), values: values[at]! }),
      );
      tf.dispose(outputs);
      return found;
    },
  };
}

/** A value of an output. @param at its place on each axis */
export function valueAt({ shape, values }: LayerOutput, at: readonly number[]): number {
  return values[placeOf(shape, at)]!;
}

/** Where a value lies in a flat array. */
export function placeOf(shape: readonly number[], at: readonly number[]): number {
  return at.reduce((place, index, axis) => place * shape[axis]! + index, 0);
}

/** One map of an output `[height, width, maps]`, row by row. */
export function mapOf({ shape, values }: LayerOutput, map: number): Float32Array {
  const maps = shape.at(-1)!;
  const picture = new Float32Array(elementCount(shape) / maps);
  for (let at = 0; at < picture.length; at++) picture[at] = values[at * maps + map]!;
  return picture;
}
