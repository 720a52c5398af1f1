/** Class scores of whole images at several scales, averaged over all positions (VGG §3.2). */
import type { Dealt } from '../../core/io/process/communicator';
import { eventLoopTurn } from '../../core/io/process/event-loop';
import { tf } from '../../core/tf';
import { imagesAtScales, type DenseProtocol, type ScaledImage } from '../../data/loader/images-at-scales';
import { memoryLoader } from '../../data/loader/memory-loader';
import { computingLayers, inputsOf, outputOf } from '../../layers/layer-walk';
import type { PredictOptions, Turn } from './predict';
import { averageScores } from './ranking';

/**
 * The turns of `predict`, an image each, for whole images at several scales (VGG §3.2): at each scale, "the class score
 * map is spatially averaged", and the probabilities at all scales are averaged. Almost every image has its own size, so
 * each is computed alone and op by op.
 * @param options.model in its convolutional form: see `convolutionalForm`
 */
export async function* denseScores({
  model,
  recipe,
  data,
  loader = memoryLoader(),
  from = 0,
  crops,
  dealt,
}: PredictOptions & { readonly crops: DenseProtocol; readonly dealt: Dealt }): AsyncGenerator<Turn, void> {
  if (model.outputs[0]!.rank !== 4)
    throw new RangeError(`${model.name}: expected a network in its convolutional form for dense crops`);
  for await (const image of imagesAtScales({ data, recipe, crops, from, loader, dealt })) {
    if (!('scales' in image)) {
      yield { predictions: [], skipped: [image] };
      continue;
    }
    const { index, scales, inverted } = image;
    const scores: Float32Array[] = [];
    for (const scaled of scales) {
      scores.push(await meanScores(model, scaled));
      await eventLoopTurn(); // lets the next images be decoded meanwhile
    }
    const answer = { image: index, label: data.labels[index]!, ...averageScores(recipe.loss, scores) };
    yield { predictions: [{ ...answer, ...(inverted && { inverted }) }], skipped: [] };
  }
}

/** The class score map of an image at one scale, averaged over its positions: `[classes]`. */
async function meanScores(model: tf.LayersModel, { values, shape }: ScaledImage): Promise<Float32Array> {
  const map = scoreMap(model, tf.tensor4d(values, [1, ...shape]));
  const mean = map.mean<tf.Tensor2D>([1, 2]);
  map.dispose();
  const scores = await mean.data<'float32'>();
  mean.dispose();
  return scores;
}

/**
 * Computes layer by layer and frees each output after its last reader: the outputs of VGG's first layers take 90 MB
 * each at scale 512.
 * @param image `[1, height, width, channels]`, which is disposed of
 * @returns `[1, rows, columns, classes]`
 */
function scoreMap(model: tf.LayersModel, image: tf.Tensor4D): tf.Tensor4D {
  const layers = computingLayers(model);
  const readers = new Map<number, number>([[model.outputs[0]!.id, 1]]);
  for (const { id } of layers.flatMap(inputsOf)) readers.set(id, (readers.get(id) ?? 0) + 1);
  const values = new Map<number, tf.Tensor>([[model.inputs[0]!.id, image]]);
  for (const layer of layers) {
    const inputs = inputsOf(layer);
    const read = inputs.map(({ id }) => values.get(id)!);
    values.set(
      outputOf(layer).id,
      tf.tidy(() => layer.apply(read.length === 1 ? read[0]! : read) as tf.Tensor),
    );
    for (const { id } of inputs) {
      const left = readers.get(id)! - 1;
      readers.set(id, left);
      if (left === 0) values.get(id)!.dispose();
    }
  }
  return values.get(model.outputs[0]!.id) as tf.Tensor4D;
}
