/** The layers of a model as stages: what computes sums, with the functions that directly follow it. */
import { elementCount } from '../../src/core/shape';
import type { GraphLayer } from '../../src/describe/layers/layer-graph';
import type { LayerOutput } from '../../src/describe/units/activations';
import type { Unit } from '../../src/describe/units/reads';

/** A layer and the functions that follow it, as papers speak of a layer. */
export interface Stage {
  /** The name of the layer that computes the sums, such as `C1`. */
  readonly name: string;
  readonly sums: GraphLayer;
  /** What the stage hands on: the last of its functions, or the sums themselves. */
  readonly states: GraphLayer;
  /** The functions between them, in their order. */
  readonly functions: readonly GraphLayer[];
  /** What it reads: the states of other stages, or the input. */
  readonly shape: readonly number[];
}

/** Layers that work value by value, and belong to the one before them. */
const functions = new Set([
  ...['ScaledTanh', 'ReLU', 'Activation', 'LeakyReLU', 'Softmax'],
  ...['SeededDropout', 'Dropout', 'BatchNormalization', 'Flatten'],
]);

/** Layers that compute nothing. */
const unseen = new Set(['Flatten', 'ZeroPadding2D']);

/** The stages of a model in the order of computation, without the input. */
export function stagesOf(graph: readonly GraphLayer[]): readonly Stage[] {
  const readers = new Map<string, number>();
  for (const { inputs } of graph)
    for (const { name } of inputs) readers.set(name, (readers.get(name) ?? 0) + 1);
  const stages: Stage[] = [];
  for (const node of graph) {
    if (node.inputs.length === 0 || unseen.has(node.layer.getClassName())) continue;
    const { length } = stages;
    const before = stages.findIndex(({ states }) => states === node.inputs[0]);
    const follows =
      functions.has(node.layer.getClassName()) && before >= 0 && readers.get(node.inputs[0]!.name) === 1;
    const shape = node.layer.outputShape.slice(1) as number[];
    if (!follows) stages[length] = { name: node.name, sums: node, states: node, functions: [], shape };
    else {
      const stage = stages[before]!;
      stages[before] = { ...stage, states: node, functions: [...stage.functions, node] };
    }
  }
  return stages;
}

/** A unit of a stage, as the address has it: `C3.7.4.5` for map 7 at row 4 and column 5, `F6.12` for unit 12. */
export interface ChosenUnit {
  readonly stage: Stage;
  readonly unit: Unit;
}

/** The unit that a text names; undefined if there is none such. */
export function parseUnit(text: string, stages: readonly Stage[]): ChosenUnit | undefined {
  const [, name, numbers] = /^(.+?)((?:\.\d+)+)$/.exec(text) ?? [];
  const stage = stages.find((each) => each.name === name);
  if (!stage || numbers === undefined) return undefined;
  const given = numbers.slice(1).split('.').map(Number);
  const [map, ...place] = given as [number, ...number[]];
  const unit = stage.shape.length === 3 ? [...place, map] : [map];
  const isThere =
    given.length === stage.shape.length && unit.every((index, axis) => index < stage.shape[axis]!);
  return isThere ? { stage, unit } : undefined;
}

/** The text that names a unit. */
export function unitText({ stage, unit }: ChosenUnit): string {
  return [stage.name, unit.at(-1)!, ...unit.slice(0, -1)].join('.');
}

/** A stage’s output as pictures: maps as they are, vectors and maps of one unit as one rectangle. */
export interface Shown {
  readonly maps: number;
  readonly height: number;
  readonly width: number;
  /** Whether all units lie in one rectangle. */
  readonly isFlat: boolean;
}

/** How a stage is shown. @param codes whether its units are compared with codes */
export function shownAs(shape: readonly number[], codes = false): Shown {
  const isFlat = shape.length < 3 || shape[0]! * shape[1]! === 1;
  if (!isFlat) return { height: shape[0]!, width: shape[1]!, maps: shape[2]!, isFlat };
  const units = elementCount(shape);
  // LeNet-5’s F6 is compared with bitmaps of 7×12 (LeCun et al. 1998, Fig. 3).
  if (codes && units === 84) return { height: 12, width: 7, maps: 1, isFlat };
  const width = rowLength(units);
  return { height: Math.ceil(units / width), width, maps: 1, isFlat };
}

/** The length of rows that makes a nearly square picture, without a rest if there is one. */
export function rowLength(units: number): number {
  if (units <= 20) return units;
  const root = Math.ceil(Math.sqrt(units));
  for (let width = root; width <= 2 * root; width++) if (units % width === 0) return width;
  return root;
}

/** The values of a map; of a flat stage, all of them, and nothing after their end. */
export function pictureOfMap({ shape, values }: LayerOutput, map: number, shown: Shown): Float32Array {
  const { height, width, isFlat } = shown;
  if (isFlat) {
    const picture = new Float32Array(height * width);
    picture.set(values);
    return picture;
  }
  const maps = shape[2]!;
  const picture = new Float32Array(height * width);
  for (let at = 0; at < picture.length; at++) picture[at] = values[at * maps + map]!;
  return picture;
}
