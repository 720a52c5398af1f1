import type { tf } from '../tf';
import { bytesOf, type GraphBuilder, type Ref } from '../graph/builder';
import { attr, elementTypes } from '../graph/graph-def';
import type { TracedVariable } from '../graph/trace';
import { variableNodes } from '../graph/variable-nodes';
import type { RecipeWith } from '../network';

/** A trainable weight, by the name that its resources in the session carry. */
export interface Slot {
  readonly name: string;
  readonly weight: tf.Variable;
  /** The factors on ε and λ. */
  readonly rate: number;
  readonly decay: number;
}

const float = elementTypes.float32;
const T = { T: attr.type(float) };

/**
 * Adds the nodes that change variables: momentum for what is trained, plain assignment for what a layer assigned.
 * @param gradients ∂L/∂w + λw of each slot
 * @param rate ε
 * @returns the nodes' names, to wait for
 */
export function updateNodes(
  builder: GraphBuilder,
  recipe: RecipeWith<'momentum'>,
  slots: readonly Slot[],
  variables: readonly TracedVariable[],
  gradients: readonly Ref[],
  rate: Ref,
): string[] {
  const assigned = variables.flatMap(({ handle, before, after }) => {
    if (!after) return [];
    const attributes = { dtype: attr.type(after.type) };
    return [builder.add('AssignVariableOp', [handle.name, after.name, `^${before.name}`], attributes).name];
  });
  const trained = slots.map((slot, index) => {
    const variable = variables.find((candidate) => candidate.variable === slot.weight)!;
    const own = slot.rate === 1 ? rate : builder.add('Mul', [rate.name, scalar(builder, slot.rate).name], T);
    const update = momentumNode(
      builder,
      slot.name,
      variable,
      gradients[index]!,
      own,
      recipe.optimiser.momentum,
    );
    return recipe.averaging
      ? averageNode(builder, slot.name, variable, update, 1 - recipe.averaging.decay)
      : update;
  });
  return [...assigned, ...trained];
}

/** v ← μv − εg, w ← w + v, in place. */
function momentumNode(
  builder: GraphBuilder,
  name: string,
  { variable, handle, before }: TracedVariable,
  gradient: Ref,
  rate: Ref,
  momentum: number,
): string {
  const { handle: velocity } = variableNodes(builder, `velocity/${name}`, variable.shape, float);
  // Every reader of the old value must be done before it is changed in place.
  const readers = [before.name, ...builder.readersOf(before.name)].map((reader) => `^${reader}`);
  const inputs = [handle, velocity, rate, gradient, scalar(builder, momentum)].map((input) => input.name);
  const attributes = { ...T, use_locking: attr.bool(false), use_nesterov: attr.bool(false) };
  return builder.add('ResourceApplyKerasMomentum', [...inputs, ...readers], attributes).name;
}

/** a ← a + share · (w − a), after w was updated. */
function averageNode(
  builder: GraphBuilder,
  name: string,
  { handle, variable }: TracedVariable,
  update: string,
  share: number,
): string {
  const { handle: average, before } = variableNodes(builder, `average/${name}`, variable.shape, float);
  const dtype = { dtype: attr.type(float) };
  const now = builder.add('ReadVariableOp', [handle.name, `^${update}`], dtype);
  const difference = builder.add('Sub', [now.name, before.name], T);
  const part = builder.add('Mul', [difference.name, scalar(builder, share).name], T);
  return builder.add('AssignAddVariableOp', [average.name, part.name], dtype).name;
}

function scalar(builder: GraphBuilder, value: number): Ref {
  return builder.constant(bytesOf(Float32Array.of(value)), [], float);
}
