/** The weights of a safetensors file, and what one of this project says of its network. */
import { refusalOf } from '../../../core/errors';
import { readJson } from '../../../core/io/json-text';
import { notLoadedKey, notLoadedText } from '../../not-loaded';
import type { ForeignWeights } from '../foreign-weights';
import { describedTensors } from './safetensors';

/**
 * @param path names the file in messages
 * @throws UserError when it is damaged
 */
export function foreignSafetensors(file: Uint8Array, path: string): ForeignWeights {
  const { tensors, metadata } = describedTensors(file, path);
  // Files of this project, from an export or a model folder, name their network and the source of their weights.
  const network = Object.hasOwn(metadata, 'source') ? metadata['network'] : undefined;
  const notLoaded =
    network === undefined ? undefined : notLoadedText(metadata[notLoadedKey], path, refusalOf(path));
  return {
    format: 'safetensors',
    ...(network !== undefined && { network, own: factsIn(metadata, path) }),
    ...(notLoaded && { notLoaded }),
    tensors: tensors.map(({ name, shape, stored, read }) => ({
      name,
      shape,
      ...(/^(?:[IU]\d|BOOL)/.test(stored) && { whole: stored }),
      values: () => new Float32Array(read().data),
    })),
  };
}

/** The facts in the metadata, which are strings; all of them except the network’s name are JSON. */
function factsIn(
  metadata: Readonly<Record<string, string>>,
  path: string,
): Readonly<Record<string, unknown>> {
  const names = ['source', 'labels', 'synsets', 'scores', 'input', 'recipe'];
  const there = names.filter((name) => Object.hasOwn(metadata, name));
  return Object.fromEntries(
    there.map((name) => [name, readJson(new TextEncoder().encode(metadata[name]), `${path}, ${name}`)]),
  );
}
