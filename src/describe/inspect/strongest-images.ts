/** The images of a data set that excite a unit most. */
import { tf } from '../../core/tf';
import { UserError } from '../../core/errors';
import { elementCount } from '../../core/shape';
import type { ImageSet } from '../../data/dataset';
import type { Rectangle } from '../../data/image/crop';
import { batchesInOrder, type SkippedImage } from '../../data/loader/batches';
import type { Loader } from '../../data/loader/prefetch';
import { imagesAtOnce } from '../../evaluate/scores/predict';
import { withoutBatch } from '../../layers/cost';
import { mainPathOf, outputOf } from '../../layers/layer-walk';
import type { TrainedModel } from '../../weights/trained-model';
import { layerGraph } from '../layers/layer-graph';
import { receptiveFieldOf } from '../units/reads';
import { unitNamed } from './layers-shown';

/** An image and how much it excites a unit. */
export interface StrongImage {
  /** Its index in the data set. */
  readonly image: number;
  /** The unit's value; of a map, the largest of all positions. */
  readonly value: number;
  /** Where in the map that is; null of a unit without a position. */
  readonly at: readonly [row: number, column: number] | null;
  /** The part of the input that can change this value. */
  readonly field: Rectangle;
}

export interface StrongestOptions {
  /** `LAYER:INDEX`, a map or a unit of a layer of vectors; indices count from 0. */
  readonly unit: string;
  /** How many images, the strongest first. Default: 9. */
  readonly count?: number | undefined;
  /** Reads the images; the caller closes it. Default: one for images in memory. */
  readonly loader?: Loader | undefined;
  readonly onSkipped?: ((image: SkippedImage) => void) | undefined;
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** @throws UserError for images in memory of another size than the network's */
function expectSize({ name }: ImageSet, found: readonly number[], wanted: readonly number[]): void {
  if (found.join() === wanted.join()) return;
  throw new UserError(
    `${name}: expected images of ${wanted.join('×')} for this network, found ${found.join('×')}`,
  );
}

/**
 * The images of a data set that excite a unit most, the strongest first (Zeiler and Fergus 2014, Fig. 2); of images
 * that excite it alike, the earlier one first. A map counts by its largest value among all positions. A unit that
 * measures a distance (radial basis) counts as excited where the distance is small.
 * @throws UserError for a unit that is none
 */
export async function strongestImages(
  trained: Pick<TrainedModel, 'model' | 'recipe' | 'fitted'>,
  data: ImageSet,
  { unit, count = 9, loader, onSkipped, onProgress, signal }: StrongestOptions,
): Promise<readonly StrongImage[]> {
  const model = mainPathOf(trained.model);
  const graph = layerGraph(model);
  const { node, index } = unitNamed(graph, unit);
  const reading = tf.model({ inputs: model.inputs, outputs: outputOf(node.layer) });
  const shape = withoutBatch(node.layer.outputShape);
  const sign = node.layer.getClassName() === 'Rbf' ? -1 : 1;
  const places = elementCount(shape) / shape.at(-1)!;
  const width = shape.length === 3 ? shape[1]! : 1;
  let best: { image: number; value: number; place: number }[] = [];
  let image = 0;
  const { recipe, fitted } = trained;
  for await (const batch of batchesInOrder(data, recipe, imagesAtOnce(model), { fitted, loader })) {
    signal?.throwIfAborted();
    expectSize(data, batch.shape, withoutBatch(model.inputs[0]!.shape));
    const skipped = new Set(batch.skipped?.map((bad) => bad.index));
    for (const bad of batch.skipped ?? []) onSkipped?.(bad);
    const images = batch.labels.length;
    const found = tf.tidy(() => {
      if (images === 0) return [];
      const outputs = reading.predict(tf.tensor(batch.images, [images, ...batch.shape])) as tf.Tensor;
      const own = outputs
        .reshape<tf.Tensor3D>([images, places, -1])
        .slice([0, 0, index], [-1, -1, 1])
        .reshape<tf.Tensor2D>([images, places])
        .mul(sign);
      return [own.max(1), own.argMax(1)];
    });
    const [values = [], at = []] = await Promise.all(found.map((tensor) => tensor.data()));
    tf.dispose(found);
    for (let row = 0; row < images; row++, image++) {
      while (skipped.has(image)) image++;
      best.push({ image, value: values[row]!, place: at[row]! });
    }
    while (skipped.has(image)) image++;
    best = best.sort((one, other) => other.value - one.value || one.image - other.image).slice(0, count);
    onProgress?.(image, data.labels.length);
  }
  const input = model.inputs[0]!.sourceLayer.name;
  return best.map(({ place, value, ...strong }) => {
    const at = shape.length === 3 ? ([Math.floor(place / width), place % width] as const) : null;
    const field = receptiveFieldOf(node, at ? [...at, index] : [index]).get(input)!.window;
    return { ...strong, value: sign * value, at, field };
  });
}
