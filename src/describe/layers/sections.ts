/** A network in the parts that can be unfolded: single layers of maps, and modules of branches side by side. */
import { withoutBatch } from '../../layers/cost';
import type { GraphLayer } from './layer-graph';

/** A part of a network, from the image upwards. */
export type Section =
  | { readonly kind: 'layer'; readonly name: string; readonly layer: GraphLayer }
  | {
      readonly kind: 'module';
      readonly name: string;
      /** Where the branches are joined. */
      readonly output: GraphLayer;
      /** The layers of each branch, the lowest first. */
      readonly branches: readonly (readonly GraphLayer[])[];
    };

/** Layers whose outputs are their inputs, framed or not. */
const arranging = new Set(['InputLayer', 'ZeroPadding2D', 'SeededDropout', 'Dropout', 'Flatten', 'Reshape']);

/** Layers that complete the one below them, in whose place they are shown. */
export const completing: ReadonlySet<string> = new Set([
  'BatchNormalization',
  'ReLU',
  'ScaledTanh',
  'Activation',
]);

/** The sections of a network's main path, the lowest first. */
export function sectionsOf(graph: readonly GraphLayer[]): readonly Section[] {
  const readers = readersIn(graph);
  const shown = (layer: GraphLayer) => isShown(layer, readers);
  const modules = graph
    .filter(({ layer }) => layer.getClassName() === 'Concatenate')
    .map((output) => moduleOf(output, readers));
  const within = new Map(modules.flatMap((module) => module.branches.flat().map((layer) => [layer, module])));
  return graph.flatMap((layer): readonly Section[] => {
    if (within.has(layer)) return [];
    const module = modules.find(({ output }) => output === layer);
    if (module) return [{ ...module, branches: module.branches.map((branch) => branch.filter(shown)) }];
    return shown(layer) ? [{ kind: 'layer', name: layer.name, layer }] : [];
  });
}

type Readers = ReadonlyMap<GraphLayer, readonly GraphLayer[]>;

function readersIn(graph: readonly GraphLayer[]): Readers {
  return new Map(graph.map((layer) => [layer, graph.filter(({ inputs }) => inputs.includes(layer))]));
}

function isShown(node: GraphLayer, readers: Readers): boolean {
  if (arranging.has(node.layer.getClassName()) || withoutBatch(node.layer.outputShape).length !== 3)
    return false;
  const [reader, ...others] = readers.get(node)!;
  return !(reader && others.length === 0 && completing.has(reader.layer.getClassName()));
}

/** Branches end below where they are joined, and begin above the first layer that others read as well. */
function moduleOf(output: GraphLayer, readers: Readers): Extract<Section, { kind: 'module' }> {
  const branches = output.inputs.map((top) => {
    const branch: GraphLayer[] = [];
    for (
      let layer = top;
      readers.get(layer)!.length === 1 && layer.inputs.length > 0;
      layer = layer.inputs[0]!
    )
      branch.unshift(layer);
    return branch;
  });
  return { kind: 'module', name: output.name.replace(/\/output$/, ''), output, branches };
}
