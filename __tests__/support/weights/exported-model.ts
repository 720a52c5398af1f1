import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo, type NetworkName } from '../../../models/registry';
import { tf } from '../../../src/core/tf';
import type { TrainedModel } from '../../../src/weights/trained-model';

/** A model as a command would open it; of a network's recipe, without distortions. */
export function trained(
  network: NetworkName,
  model: tf.LayersModel,
  given: Partial<TrainedModel> = {},
): TrainedModel {
  return {
    network,
    model,
    recipe: { ...zoo[network].recipe, augment: [] },
    fitted: {},
    labels: null,
    synsets: null,
    source: { kind: 'made', by: 'a test' },
    ...given,
  };
}

/** What an export tells pages. */
export function metadataOf(folder: string): { readonly input: object } {
  return (jsonOf(folder) as { userDefinedMetadata: { readonly input: object } }).userDefinedMetadata;
}

function jsonOf(folder: string): unknown {
  return JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
}

/** As a browser would, from the files alone, by TensorFlow.js's own loader. */
export async function loaded(folder: string): Promise<tf.GraphModel> {
  const json = jsonOf(folder) as tf.io.ModelJSON;
  const [{ paths }] = json.weightsManifest as [tf.io.WeightsManifestConfig[number]];
  const bytes = Buffer.concat(paths.map((path) => readFileSync(join(folder, path))));
  const artifacts = await tf.io.getModelArtifactsForJSON(json, async (manifest) => [
    manifest.flatMap(({ weights }) => weights),
    new Uint8Array(bytes).buffer,
  ]);
  return tf.loadGraphModel(tf.io.fromMemory(artifacts));
}
