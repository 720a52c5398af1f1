/** Writes a network, its weights and a batch to files, so that other programs can compute the same. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Batch } from '../../../src/data/loader/batches';
import type { Recipe } from '../../../src/core/network';
import { layerGraph } from '../../../src/describe/layers/layer-graph';
import type { tf } from '../../../src/core/tf';
import { encodeSafetensors } from '../../../src/weights/formats/safetensors/safetensors';
import { benchRate } from '../../../src/report/bench/bench';
import { arraysOf } from '../../../src/weights/named-array';

/**
 * Writes what another program needs to compute the same network: `task.json` with the layers in topological order, and
 * `task.safetensors` with the weights, a batch of images and its labels.
 */
export async function writeTask(
  folder: string,
  model: tf.LayersModel,
  recipe: Recipe,
  { images, shape, labels }: Batch,
): Promise<void> {
  const layers = layerGraph(model).map(({ layer, name, inputs }) => ({
    name,
    kind: layer.getClassName(),
    config: layer.getConfig(),
    inputs: inputs.map((input) => input.name),
    weights: layer.weights.map((weight) => weight.originalName),
  }));
  const outputs = model.outputNames.map((name, index) => ({
    name,
    weight: index === 0 ? 1 : (recipe.auxiliary?.[name] ?? 0),
  }));
  const task = {
    layers,
    outputs,
    loss: recipe.loss,
    momentum: recipe.optimiser.kind === 'momentum' ? recipe.optimiser.momentum : 0,
    weightDecay: recipe.weightDecay,
    rate: benchRate,
  };
  await writeFile(join(folder, 'task.json'), JSON.stringify(task));
  const weights = await arraysOf(model.weights);
  const tensors = [
    ...weights.map(({ name, shape: sides, values }) => ({ name, shape: sides, data: values })),
    { name: 'images', shape: [labels.length, ...shape], data: images },
    { name: 'labels', shape: [labels.length], data: Float32Array.from(labels) },
  ].map((tensor) => ({ ...tensor, dtype: 'F32' as const }));
  await writeFile(join(folder, 'task.safetensors'), encodeSafetensors(tensors));
}
