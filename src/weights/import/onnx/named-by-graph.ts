/** Matches the layers of a file that does not name them with a network's, along both graphs from the scores upwards. */
import type { tf } from '../../../core/tf';
import { Chains } from '../../architecture/chains';
import type { Architecture, ArchitectureNode } from '../../architecture/description';
import { ourArchitecture } from '../../architecture/ours';
import type { ForeignWeights } from '../../formats/foreign-weights';
import type { Origin } from '../mapping';
import { tensorName } from '../toolkit-layout';

/**
 * The same weights and layers under the names that an origin gives to the model's. What has no counterpart keeps its
 * name.
 */
export function namedByGraph(model: tf.LayersModel, origin: Origin, foreign: ForeignWeights): ForeignWeights {
  const { architecture, byGraph } = foreign;
  if (!architecture || !byGraph) return foreign;
  const pairs = matched(model, architecture, weightedNodes(foreign));
  const names = new Map(
    [...pairs].map(([our, their]) => [their, origin.layers === 'same' ? our : origin.layers[our]!] as const),
  );
  const nameOf = (node: string) => names.get(node) ?? node;
  const tensors = foreign.tensors.map((tensor) => {
    const [node, weight] = parted(tensor.name);
    const name = names.get(node);
    return name === undefined ? tensor : { ...tensor, name: tensorName(origin.convention, name, weight) };
  });
  const how =
    byGraph.like === undefined
      ? `it does not tell whose weights they are, so that images are made ready as ${model.name}’s recipe says`
      : `its names are those of weights that were trained on images made ready as PyTorch’s`;
  const notes = [
    ...(foreign.notes ?? []),
    `the file names no layers, which were matched along its graph; ${how}`,
  ];
  return { ...foreign, tensors, architecture: renamed(architecture, nameOf), notes };
}

/** The name of a node, and of one of its weights. */
function parted(tensor: string): [node: string, weight: string] {
  const end = tensor.lastIndexOf('/');
  return [tensor.slice(0, end), tensor.slice(end + 1)];
}

function weightedNodes({ tensors }: ForeignWeights): ReadonlySet<string> {
  return new Set(tensors.map(({ name }) => parted(name)[0]));
}

function renamed({ nodes, ...others }: Architecture, nameOf: (node: string) => string): Architecture {
  const all = [...nodes.values()].map(({ name, inputs, operation }) => ({
    name: nameOf(name),
    inputs: inputs.map(nameOf),
    operation,
  }));
  return { ...others, nodes: new Map(all.map((node) => [node.name, node])) };
}

/** The file's node for each of our layers. */
function matched(
  model: tf.LayersModel,
  theirs: Architecture,
  weighted: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const described = ourArchitecture(model);
  const our = new Chains(described.ours, described.weighted);
  const their = new Chains(theirs, weighted);
  const { source } = our.to(described.output);
  const tries = their
    .ends()
    .slice(0, 16)
    .map((end) => {
      const pairs = new Map<string, string>();
      match(source, their.to(end).source, {
        our,
        their,
        described: described.weighted,
        pairs,
        seen: new Set(),
      });
      return pairs;
    });
  return tries.reduce((best, pairs) => (pairs.size > best.size ? pairs : best), new Map<string, string>());
}

interface Matching {
  readonly our: Chains;
  readonly their: Chains;
  /** Our layers that have weights. */
  readonly described: ReadonlySet<string>;
  readonly pairs: Map<string, string>;
  readonly seen: Set<string>;
}

/** Matches two nodes and what lies above them; it goes as deep as our network is. */
function match(
  our: ArchitectureNode | undefined,
  their: ArchitectureNode | undefined,
  matching: Matching,
): void {
  const { seen, pairs, described } = matching;
  if (!our || !their || seen.has(our.name)) return;
  seen.add(our.name);
  const above = (node: ArchitectureNode, chains: Chains, at = 0) => chains.to(node.inputs[at]).source;
  const [kind, theirKind] = [our.operation.kind, their.operation.kind];
  if (described.has(our.name)) {
    // A converter may have made a normalisation part of the convolution below it.
    if (kind === 'batchNormalisation' && theirKind !== kind)
      return match(above(our, matching.our), their, matching);
    if (!isSum(kind) && kind !== theirKind) return;
    if (isSum(kind) && !isSum(theirKind)) return;
    pairs.set(our.name, their.name);
    return match(above(our, matching.our), above(their, matching.their), matching);
  }
  if (our.inputs.length !== their.inputs.length) return;
  for (const at of our.inputs.keys())
    match(above(our, matching.our, at), above(their, matching.their, at), matching);
}

const isSum = (kind: string) => kind === 'convolution' || kind === 'full';
