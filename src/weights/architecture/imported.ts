/** Reports how the network of a file differs from ours, after its weights have been mapped. */
import { printable } from '../../core/errors';
import type { Loss } from '../../core/network';
import type { tf } from '../../core/tf';
import type { ForeignWeights } from '../formats/foreign-weights';
import type { Origin } from '../import/mapping';
import type { MappingReport } from '../import/mapping-report';
import { architecturesApart } from './compare';
import type { Architecture } from './description';
import { ourArchitecture } from './ours';

/** The known facts about a file whose weights were mapped to a model’s. */
export interface Mapped {
  readonly model: tf.LayersModel;
  readonly origin: Origin;
  readonly foreign: ForeignWeights;
  readonly rows: MappingReport['rows'];
  readonly scores: Loss['kind'];
}

/** The differences between the network described in a file and the model that is to receive its weights. */
export function importedArchitecture(mapped: Mapped): NonNullable<MappingReport['architecture']> {
  const { model, origin, foreign, scores } = mapped;
  // An export for Keras replaces layers that Keras lacks by several others, but it also contains its network's name.
  if (foreign.network !== undefined && origin.convention === 'own') return named(mapped);
  const theirs = foreign.architecture;
  if (!theirs) return { uncompared: saysNothing(foreign) };
  if (theirs.partly !== undefined) return { uncompared: theirs.partly };
  const names = namesIn(mapped, theirs);
  const unknown = [...names].find(([, their]) => !theirs.nodes.has(their));
  if (unknown) return { uncompared: `the file says nothing of a layer ${printable(unknown[1])}` };
  const differences = architecturesApart({
    ...ourArchitecture(model),
    theirs,
    names,
    scores,
    preprocess: origin.preprocess,
    channels: model.inputs[0]!.shape.at(-1)!,
    blueFirst: origin.blueFirst !== undefined,
  });
  return { differences };
}

/** The file's names for the layers whose weights it contains, in the order of our layers. */
function namesIn(
  { model, origin: { layers }, rows }: Mapped,
  { nodes }: Architecture,
): ReadonlyMap<string, string> {
  const loaded = new Set(rows.flatMap((row) => (row.state === 'loaded' ? [row.weight] : [])));
  const names = new Map<string, string>();
  for (const layer of model.layers) {
    if (!layer.weights.some(({ originalName }) => loaded.has(originalName))) continue;
    const name = layers === 'same' ? layer.name : layers[layer.name]!;
    // Keras does not allow slashes in names.
    const kerasName = name.replaceAll('/', '_');
    names.set(layer.name, !nodes.has(name) && nodes.has(kerasName) ? kerasName : name);
  }
  return names;
}

function saysNothing({ format }: ForeignWeights): string {
  switch (format) {
    case 'caffemodel':
      return 'the file says nothing of what its layers read';
    case 'pth':
    case 'safetensors':
      return 'files of this kind say nothing of layers';
    case 'keras':
      return 'the file holds weights alone, without Keras’s model_config';
    case 'tfjs':
    case 'onnx':
      return 'the file’s topology is not one of layers';
    default:
      return format satisfies never;
  }
}

/** The report for a file of this project, which names its network. */
function named({ model, foreign }: Mapped): NonNullable<MappingReport['architecture']> {
  const network = foreign.network!;
  if (network === model.name) return { differences: [] };
  return {
    differences: [
      { expected: `weights of ${model.name}`, found: `those of ${printable(network)}, as the file says` },
    ],
  };
}
