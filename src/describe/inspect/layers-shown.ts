/** Which layers of a network are looked at: those that a user names, or those that show most. */
import { UserError } from '../../core/errors';
import { option } from '../../core/text/wording';
import { withoutBatch } from '../../layers/cost';
import type { GraphLayer } from '../layers/layer-graph';
import { completing, sectionsOf, type Section } from '../layers/sections';

/** Layers whose maps are weighed sums over a window. */
const convolving = new Set(['Conv2D', 'GroupedConv2D', 'SubsetConv2D', 'LearnedCombination', 'SCells']);

/** The layer that a section shows. */
const topOf = (section: Section): GraphLayer => (section.kind === 'module' ? section.output : section.layer);

const sizeOf = ({ layer }: GraphLayer): readonly [height: number, width: number] => {
  const [height, width] = withoutBatch(layer.outputShape);
  return [height!, width!];
};

const hasPositions = (node: GraphLayer) => sizeOf(node).some((side) => side > 1);

/**
 * The last convolution with more than one position, with what completes it (a rectification, a normalisation), or the
 * module that ends in convolutions; null of a network without.
 * @param graph of the main path
 */
export function lastConvolution(graph: readonly GraphLayer[]): GraphLayer | null {
  const found = sectionsOf(graph).filter((section) => {
    let node = topOf(section);
    if (!hasPositions(node)) return false;
    while (completing.has(node.layer.getClassName())) node = node.inputs[0]!;
    return section.kind === 'module' || convolving.has(node.layer.getClassName());
  });
  const last = found.at(-1);
  return last ? topOf(last) : null;
}

/** The last layer of each size of maps, the largest first; maps of one position are left out. */
export function layersBySize(graph: readonly GraphLayer[]): readonly GraphLayer[] {
  const bySize = new Map<string, GraphLayer>();
  for (const section of sectionsOf(graph)) {
    const layer = topOf(section);
    if (hasPositions(layer)) bySize.set(sizeOf(layer).join(), layer);
  }
  return [...bySize.values()];
}

/** The layers of maps, the image's own pixels aside. */
function layersOfMaps(graph: readonly GraphLayer[]): readonly GraphLayer[] {
  return graph.filter(
    ({ layer, inputs }) => inputs.length > 0 && withoutBatch(layer.outputShape).length === 3,
  );
}

/**
 * A layer of maps by its name, or by that of the module that it completes.
 * @param where the option, as code writes it
 * @throws UserError for a name that is none
 */
export function mapsNamed(graph: readonly GraphLayer[], name: string, where: string): GraphLayer {
  const found = layersOfMaps(graph);
  const named =
    found.find((node) => node.name === name) ?? found.find((node) => node.name === `${name}/output`);
  if (named) return named;
  const other = graph.some((node) => node.name === name) ? 'a layer without maps' : 'no such layer';
  const names = layersOfSections(graph).join(', ');
  throw new UserError(`${option(where)}: expected layers of maps (${names}), found ${name}, ${other}`);
}

/** The names by which the sections of a network are known. */
function layersOfSections(graph: readonly GraphLayer[]): readonly string[] {
  return sectionsOf(graph).map((section) => (section.kind === 'module' ? section.name : topOf(section).name));
}

/** A unit of a network: a map of a layer of maps, or a unit of a layer of vectors. */
export interface NamedUnit {
  readonly node: GraphLayer;
  /** Counts from 0. */
  readonly index: number;
}

/**
 * A unit as a user writes it, `LAYER:INDEX`.
 * @throws UserError for what names no unit
 */
export function unitNamed(graph: readonly GraphLayer[], given: string): NamedUnit {
  const [, name = '', digits] = /^(.+):(\d+)$/.exec(given) ?? [];
  const wanted = option('unit');
  if (digits === undefined)
    throw new UserError(`${wanted}: expected LAYER:INDEX, such as ${exampleOf(graph)}, found ${given}`);
  const above = graph.filter(({ inputs }) => inputs.length > 0);
  const node =
    above.find((each) => each.name === name) ?? above.find((each) => each.name === `${name}/output`);
  if (!node)
    throw new UserError(
      `${wanted}: expected a layer (${layersOfSections(graph).join(', ')}, …), found ${name}`,
    );
  const count = withoutBatch(node.layer.outputShape).at(-1)!;
  const index = Number(digits);
  if (index < count) return { node, index };
  throw new UserError(`${wanted}: expected an index from 0 to ${count - 1} in ${name}, found ${digits}`);
}

function exampleOf(graph: readonly GraphLayer[]): string {
  return `${(lastConvolution(graph) ?? graph.at(-1)!).name}:0`;
}
