/** The auxiliary heads of a model: what those answer whose weights came with the file. */
import type { PageTrained } from '../../browser';
import { tf } from '../../src/core/tf';
import { layerGraph } from '../../src/describe/layers/layer-graph';
import { probabilities } from '../../src/evaluate/scores/ranking';

/** An output of a model beside its first. */
export interface AuxiliaryHead {
  /** Of its last layer. */
  readonly name: string;
  /** The layer of the main path that it reads. */
  readonly reads: string;
  /** Whether all its weights were loaded or trained: others answer at random. */
  readonly loaded: boolean;
}

/** The heads of a model in order of its outputs; none of a model that has one output. */
export function auxiliaryHeads({
  model,
  notLoaded,
}: Pick<PageTrained, 'model' | 'notLoaded'>): readonly AuxiliaryHead[] {
  const left = new Set(notLoaded);
  const graph = layerGraph(model);
  return model.outputs.slice(1).map(({ sourceLayer }) => {
    let node = graph.find(({ layer }) => layer === sourceLayer)!;
    const { name } = node;
    let loaded = true;
    for (; node.auxiliary; node = node.inputs[0]!)
      loaded &&= node.layer.weights.every(({ originalName }) => !left.has(originalName));
    return { name, reads: node.name, loaded };
  });
}

/**
 * What the loaded heads answer.
 * @param input `[height, width, channels]`, as the model takes it
 * @returns `[classes]` for each, by its name: probabilities, or the scores where the loss gives none
 */
export async function headAnswers(
  trained: Pick<PageTrained, 'model' | 'notLoaded' | 'recipe'>,
  input: Float32Array,
): Promise<ReadonlyMap<string, Float32Array>> {
  const { model, recipe } = trained;
  const heads = auxiliaryHeads(trained);
  const wanted = model.outputs.slice(1).filter((_, at) => heads[at]!.loaded);
  if (wanted.length === 0) return new Map();
  const reading = tf.model({ inputs: model.inputs, outputs: wanted });
  const outputs = tf.tidy(() => {
    const found = reading.predict(tf.tensor(input, [1, ...recipe.input.shape]));
    return Array.isArray(found) ? found : [found];
  });
  const scores = await Promise.all(outputs.map((output) => output.data<'float32'>()));
  tf.dispose(outputs);
  return new Map(
    wanted.map(({ sourceLayer }, at) => [
      sourceLayer.name,
      probabilities(recipe.loss, scores[at]!) ?? scores[at]!,
    ]),
  );
}
