/** The layers of a model as stages: what computes sums, with the functions that directly follow it. */
import type { GraphLayer } from '../../src/describe/layers/layer-graph';
import type { Unit } from '../../src/describe/units/reads';
import { hasUnit, namedUnit } from '../model/units';

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

/** A unit of a stage. */
export interface ChosenUnit {
  readonly stage: Stage;
  readonly unit: Unit;
}

/** The unit that a text names; undefined if there is none such. */
export function parseUnit(text: string, stages: readonly Stage[]): ChosenUnit | undefined {
  const named = namedUnit(text);
  const stage = stages.find(({ name }) => name === named?.layer);
  return named && stage && hasUnit(stage.shape, named.unit) ? { stage, unit: named.unit } : undefined;
}
