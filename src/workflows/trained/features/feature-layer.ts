/** Which layer's outputs are a model's features, and the model that computes them. */
import type { ImageShape } from '../../../core/network';
import { UserError } from '../../../core/errors';
import { counted } from '../../../core/text/counted';
import { nearestNames } from '../../../core/text/did-you-mean';
import { option } from '../../../core/text/wording';
import { tf } from '../../../core/tf';
import { isRandom } from '../../../finetune/split-model';
import { computingLayers, inputsOf, mainPathOf, outputOf } from '../../../layers/layer-walk';

/** How feature maps become a row: as they are, or each map's mean. */
export type Pool = 'average';

/** A layer whose outputs are features. */
export interface FeatureLayer {
  readonly name: string;
  /** Its output for one image: `[units]` or `[height, width, maps]`. */
  readonly shape: readonly [units: number] | ImageShape;
  /** Computes it from images; it shares the weights of the whole model. */
  readonly model: tf.LayersModel;
}

/**
 * @param head the layers that fine-tuning would make anew, of which one is the classifier
 * @param name the layer. Default: what the classifier reads, before its dropout
 * @throws UserError for a layer that the model does not have, naming the nearest
 */
export function featureLayer(
  model: tf.LayersModel,
  { head, name, where }: { readonly head: readonly string[]; readonly name?: string | undefined; readonly where: string },
): FeatureLayer {
  const tensor = name === undefined ? belowClassifier(model, head) : outputNamed(model, name, where);
  const own = tensor.sourceLayer.name;
  const shape = tensor.shape.slice(1);
  if (shape.includes(null) || (shape.length !== 1 && shape.length !== 3)) {
    throw new UserError(
      `${where}, layer ${own}: expected an output of units or of feature maps, found ${shape.join('×')}`,
    );
  }
  return {
    name: own,
    shape: shape as unknown as FeatureLayer['shape'],
    model: tf.model({ name: `${model.name}/${own}`, inputs: model.inputs, outputs: tensor }),
  };
}

function belowClassifier(model: tf.LayersModel, head: readonly string[]): tf.SymbolicTensor {
  const classifier = computingLayers(mainPathOf(model)).find((layer) => head.includes(layer.name));
  if (!classifier) throw new RangeError(`expected one of the layers ${head.join(', ')} in ${model.name}`);
  let [below] = inputsOf(classifier);
  while (isRandom(below!.sourceLayer)) [below] = inputsOf(below!.sourceLayer);
  return below!;
}

/** How many names are told of a layer that is not there, if none is near. */
const last = 5;

function outputNamed(model: tf.LayersModel, name: string, where: string): tf.SymbolicTensor {
  const layers = computingLayers(model);
  const found = layers.find((layer) => layer.name === name);
  if (found) return outputOf(found);
  const names = layers.map((layer) => layer.name);
  const near = nearestNames(name, names);
  throw new UserError(
    `${option('layer')}: expected one of the ${counted(names.length, 'layer')} of ${where}, ` +
      `such as ${(near.length > 0 ? near : names.slice(-last)).join(', ')}, found ${name}`,
  );
}

/** The width of a row. */
export function rowWidth({ shape }: Pick<FeatureLayer, 'shape'>, pool: Pool | undefined): number {
  return pool === undefined ? shape.reduce((product: number, side) => product * side, 1) : shape.at(-1)!;
}

/**
 * The mean of each map.
 * @param values `[images, height, width, maps]`
 * @returns `[images, maps]`
 */
export function averaged(values: Float32Array, [height, width, maps]: ImageShape): Float32Array {
  const places = height * width;
  const images = values.length / (places * maps);
  const means = new Float32Array(images * maps);
  const sums = new Float64Array(maps);
  for (let image = 0; image < images; image++) {
    sums.fill(0);
    for (let place = 0; place < places; place++) {
      const start = (image * places + place) * maps;
      for (let map = 0; map < maps; map++) sums[map]! += values[start + map]!;
    }
    for (let map = 0; map < maps; map++) means[image * maps + map] = sums[map]! / places;
  }
  return means;
}
