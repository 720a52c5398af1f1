/** The nodes of a recorded update that change the weights and the other variables. */
import { bytesOf, type GraphBuilder, type Ref, variableNodes } from '../../graph/session/builder';
import type { Scope } from '../../graph/record/layer-scopes';
import { attr, elementTypes } from '../../graph/session/graph-def';
import type { TracedVariable } from '../../graph/record/recorder';
import { keptFor, type GradientRecipe, type Slot, type UpdateScalars } from './gradient-descent';

const float = elementTypes.float32;
const T = { T: attr.type(float) };

/**
 * Adds the nodes that change variables: trained weights by the rule, others by the values that layers assigned to them.
 * @param gradients ∂L/∂w + λw of each slot
 * @returns the names of the nodes that must run
 */
export function updateNodes(
  builder: GraphBuilder,
  recipe: GradientRecipe,
  slots: readonly Slot[],
  variables: readonly TracedVariable[],
  gradients: readonly Ref[],
  scalars: UpdateScalars<Ref>,
): string[] {
  const assigned = variables.flatMap(({ handle, before, after }) => {
    if (!after) return [];
    const attributes = { dtype: attr.type(after.type) };
    return [builder.add('AssignVariableOp', [handle.name, after.name, `^${before.name}`], attributes).name];
  });
  const trained = slots.map((slot, index) => {
    builder.scope = updateScope(slot.name);
    const variable = variables.find((candidate) => candidate.variable === slot.weight)!;
    const own = { ...scalars, rate: ownRate(builder, scalars.rate, slot) };
    const update = ruleNode(builder, recipe, slot.name, variable, gradients[index]!, own);
    return recipe.averaging
      ? averageNode(builder, slot.name, variable, update, 1 - recipe.averaging.decay)
      : update;
  });
  builder.scope = null;
  return [...assigned, ...trained];
}

/** The scope of the nodes that change a weight: the update of its layer. */
export function updateScope(weight: string): Scope {
  return { layer: weight.slice(0, weight.lastIndexOf('/')), pass: 'update' };
}

/** ε times the weight's own factor. */
function ownRate(builder: GraphBuilder, rate: Ref, slot: Slot): Ref {
  return slot.rate === 1 ? rate : builder.add('Mul', namesOf([rate, scalar(builder, slot.rate)]), T);
}

/**
 * Adds the node that updates one weight in place.
 * @param scalars ε times the weight's own factor, and the number of the update
 */
function ruleNode(
  builder: GraphBuilder,
  recipe: GradientRecipe,
  name: string,
  { variable, handle, before }: TracedVariable,
  gradient: Ref,
  { rate }: UpdateScalars<Ref>,
): string {
  const { optimiser } = recipe;
  const kept = keptFor(recipe, (tensor) =>
    variableNodes(builder, `${tensor}/${name}`, variable.shape, float),
  );
  // Every reader of the old value must run before it is changed in place.
  const readers = [before.name, ...builder.readersOf(before.name)].map((reader) => `^${reader}`);
  const locking = { ...T, use_locking: attr.bool(false) };
  switch (optimiser.kind) {
    case 'momentum': {
      const inputs = [handle, kept('velocity').handle, rate, gradient, scalar(builder, optimiser.momentum)];
      const attributes = { ...locking, use_nesterov: attr.bool(false) };
      return builder.add('ResourceApplyKerasMomentum', [...namesOf(inputs), ...readers], attributes).name;
    }
    case 'diagonalLevenbergMarquardt': {
      const curvature = kept('curvature').before;
      const bend = builder.add('AddV2', namesOf([curvature, scalar(builder, optimiser.mu)]), T);
      const step = builder.add('Div', namesOf([gradient, bend]), T);
      const inputs = namesOf([handle, rate, step]);
      return builder.add('ResourceApplyGradientDescent', [...inputs, ...readers], locking).name;
    }
    default:
      return optimiser satisfies never;
  }
}

function namesOf(refs: readonly Ref[]): string[] {
  return refs.map(({ name }) => name);
}

/** a ← a + share · (w − a), after the update of w. */
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
