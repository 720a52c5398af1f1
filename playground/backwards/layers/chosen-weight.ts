/** The layer whose kernels are shown, and the weight that is chosen, as the address says them. */
import type { GraphLayer } from '../../../src/describe/layers/layer-graph';
import { withoutBatch } from '../../../src/layers/cost';
import type { OpenedModel } from '../../model/opened';
import type { Backward, LayerSlopes, SlopedWeights } from '../backward';
import { weightSlices, type WeightSlice } from '../../model/kernel-slices';

/** The weights of an output map, or of a unit, as small maps. */
export interface ShownMap {
  readonly output: number;
  readonly slices: readonly WeightSlice[];
}

/** A weight, by its tensor and its place there. */
export interface ChosenWeight {
  readonly tensor: SlopedWeights;
  readonly place: number;
  readonly shown: ShownMap;
  readonly slice: WeightSlice;
  /** Its place in the slice, row by row. */
  readonly at: number;
}

/** What the section of kernels shows. */
export interface ShownWeights {
  /** The layers that have weights to train. */
  readonly layers: readonly LayerSlopes[];
  readonly node: GraphLayer;
  readonly slopes: LayerSlopes;
  /** How many output maps, or units, the layer has. */
  readonly outputs: number;
  /** The map that is chosen; null where all are shown. */
  readonly map: number | null;
  readonly shown: readonly ShownMap[];
  readonly chosen: ChosenWeight;
}

/** Up to so many maps are shown at once, if each has few kernels. */
const mostAtOnce = 32;
const fewKernels = 2;

/** What the settings say; the usual weight is that of the kernels shown with the largest derivative. */
export function shownWeights(
  { graph }: OpenedModel,
  backward: Pick<Backward, 'layers'>,
  settings: Readonly<Record<string, string>>,
): ShownWeights {
  const nodes = new Map(graph.map((node) => [node.name, node]));
  const layers = backward.layers.filter(({ layer, weights }) => weights.length > 0 && nodes.has(layer.name));
  const slopes = layers.find(({ layer }) => layer.name === settings['backwards.layer']) ?? layers[0]!;
  const node = nodes.get(slopes.layer.name)!;
  const outputs = withoutBatch(slopes.layer.outputShape).at(-1)!;
  const mapAt = (output: number): ShownMap => ({
    output,
    slices: weightSlices(node, slopes.weights, output),
  });
  const every = outputs <= mostAtOnce ? Array.from({ length: outputs }, (_, output) => mapAt(output)) : [];
  const few = ({ slices }: ShownMap) => slices.filter(({ places }) => places.length > 1).length <= fewKernels;
  const all = every.length > 0 && every.every(few);
  const asked = Number(settings['backwards.map'] ?? 0);
  const map = Number.isInteger(asked) && asked >= 0 && asked < outputs ? asked : 0;
  const shown = all ? every : [mapAt(map)];
  const chosen = weightOf(shown, slopes.weights, settings['backwards.weight'] ?? '');
  return { layers, node, slopes, outputs, map: all ? null : map, shown, chosen };
}

/** The weight of a text such as `kernel.57`, if it is among those shown; else the usual one. */
function weightOf(maps: readonly ShownMap[], tensors: readonly SlopedWeights[], text: string): ChosenWeight {
  let best: ChosenWeight | undefined;
  for (const shown of maps)
    for (const slice of shown.slices) {
      const tensor = tensors.find(({ name }) => name === slice.tensor)!;
      for (const [at, place] of slice.places.entries()) {
        if (place < 0) continue;
        const here = { tensor, place, shown, slice, at };
        if (weightText(here) === text) return here;
        // Only of the first tensor: kernels say more than biases.
        if (tensor !== tensors[0]) continue;
        const size = Math.abs(tensor.slopes[place]!);
        if (!best || size > Math.abs(best.tensor.slopes[best.place]!)) best = here;
      }
    }
  return best!;
}

/** A weight as the address says it. */
export function weightText({ tensor, place }: Pick<ChosenWeight, 'tensor' | 'place'>): string {
  return `${tensor.name}.${place}`;
}
