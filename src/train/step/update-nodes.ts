/** The nodes of a recorded update that change the weights and the other variables. */
import { bytesOf, type GraphBuilder, type Ref, variableNodes } from '../../graph/session/builder';
import type { Scope } from '../../graph/record/layer-scopes';
import { attr, elementTypes } from '../../graph/session/graph-def';
import type { TracedVariable } from '../../graph/record/recorder';
import {
  clipSmall,
  decayInGradient,
  isAdam,
  keptFor,
  type AdamScalars,
  type GradientRecipe,
  type Slot,
  type UpdateScalars,
} from './gradient-descent';
import { namesOf } from './recorded-update';

const float = elementTypes.float32;
const T = { T: attr.type(float) };

/**
 * Adds the nodes that change variables: trained weights by the rule, others by the values that layers assigned to them.
 * @param variables those that were read or assigned while the graph was recorded, those of all slots among them
 * @param gradients ∂L/∂w of each slot
 * @returns the names of the nodes that must run
 */
export function updateNodes(
  builder: GraphBuilder,
  recipe: GradientRecipe,
  slots: readonly Slot[],
  variables: readonly TracedVariable[],
  gradients: readonly Ref[],
  { rate, step }: Omit<UpdateScalars<Ref>, 'adam'>,
): string[] {
  const assigned = assignedNodes(builder, variables);
  builder.scope = null;
  const scalars = { rate, step, adam: adamNodes(builder, recipe, step) };
  const clipped = clipNodes(builder, recipe, slots, gradients);
  const trained = slots.map((slot, index) => {
    builder.scope = updateScope(slot.name);
    const variable = variables.find((candidate) => candidate.variable === slot.weight)!;
    const slope = decayNode(builder, decayInGradient(recipe, slot), variable, clipped[index]!);
    const own = { ...scalars, rate: ownRate(builder, scalars.rate, slot) };
    const update = ruleNode(builder, recipe, slot, variable, slope, own);
    return recipe.averaging
      ? averageNode(builder, slot.name, variable, update, 1 - recipe.averaging.decay)
      : update;
  });
  builder.scope = null;
  return [...assigned, ...trained];
}

/** Adds the nodes by which variables take the values that layers assigned to them, and returns their names. */
export function assignedNodes(builder: GraphBuilder, variables: readonly TracedVariable[]): string[] {
  return variables.flatMap(({ handle, before, after }) => {
    if (!after) return [];
    const attributes = { dtype: attr.type(after.type) };
    return [builder.add('AssignVariableOp', [handle.name, after.name, `^${before.name}`], attributes).name];
  });
}

/** ∂L/∂w + λw. */
function decayNode(builder: GraphBuilder, lambda: number, { before }: TracedVariable, gradient: Ref): Ref {
  if (lambda === 0) return gradient;
  const pull = builder.add('Mul', namesOf([before, scalar(builder, lambda)]), T);
  return builder.add('AddV2', namesOf([gradient, pull]), T);
}

/** The gradients of all slots, scaled down together where their norm is more than the recipe allows. */
function clipNodes(
  builder: GraphBuilder,
  { clipNorm }: GradientRecipe,
  slots: readonly Slot[],
  gradients: readonly Ref[],
): readonly Ref[] {
  if (clipNorm === undefined) return gradients;
  // L2Loss, which is ½Σg², is computed in float32 in every precision.
  const halves = gradients
    .filter((_, index) => slots[index]!.rate > 0)
    .map(({ name }) => builder.add('L2Loss', [name], T).name);
  const sum = builder.add('AddN', halves, { ...T, N: attr.int(halves.length) });
  const square = builder.add('Mul', namesOf([sum, scalar(builder, 2)]), T);
  const norm = builder.add('Sqrt', [square.name], T);
  const above = builder.add('AddV2', namesOf([norm, scalar(builder, clipSmall)]), T);
  const quotient = builder.add('RealDiv', namesOf([scalar(builder, clipNorm), above]), T);
  const factor = builder.add('Minimum', namesOf([quotient, scalar(builder, 1)]), T);
  return gradients.map((gradient, index) => {
    builder.scope = updateScope(slots[index]!.name);
    return builder.add('Mul', namesOf([gradient, factor]), T);
  });
}

/** Adam's corrections before an update; with β in single precision, as the moments have it. */
function adamNodes(builder: GraphBuilder, { optimiser }: GradientRecipe, step: Ref): AdamScalars<Ref> | null {
  if (!isAdam(optimiser)) return null;
  const types = { SrcT: attr.type(elementTypes.int32), DstT: attr.type(float) };
  const before = builder.add('Cast', [step.name], types);
  const t = builder.add('AddV2', namesOf([before, scalar(builder, 1)]), T);
  /** βᵗ − 1 */
  const power = (beta: number) => {
    const exponent = builder.add('Mul', namesOf([t, scalar(builder, Math.log(Math.fround(beta)))]), T);
    return builder.add('Expm1', [exponent.name], T);
  };
  const second = builder.add('Neg', [power(optimiser.beta2).name], T);
  const root = builder.add('Sqrt', [second.name], T);
  const first = builder.add('Neg', [power(optimiser.beta1).name], T);
  return {
    factor: builder.add('RealDiv', namesOf([root, first]), T),
    small: builder.add('Mul', namesOf([root, scalar(builder, optimiser.epsilon)]), T),
  };
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
 * @param gradient ∂L/∂w + λw, without λw where weights decay apart from the gradient
 * @param scalars with ε times the weight's own factor
 */
function ruleNode(
  builder: GraphBuilder,
  recipe: GradientRecipe,
  { name, decay }: Slot,
  { variable, handle, before }: TracedVariable,
  gradient: Ref,
  { rate, adam }: UpdateScalars<Ref>,
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
    case 'adam':
    case 'adamw': {
      const lambda = optimiser.kind === 'adamw' ? recipe.weightDecay * decay : 0;
      const waits =
        lambda === 0 ? readers : [`^${decayApart(builder, rate, lambda, handle, before, readers)}`];
      const own = builder.add('Mul', namesOf([rate, adam!.factor]), T);
      // The operation corrects by powers of β, which would lose digits in single precision: `own` and `small` do.
      const none = scalar(builder, 0);
      const betas = [scalar(builder, optimiser.beta1), scalar(builder, optimiser.beta2)];
      const inputs = [
        ...[handle, kept('firstMoment').handle, kept('secondMoment').handle],
        ...[none, none, own, ...betas, adam!.small, gradient],
      ];
      const attributes = { ...locking, use_nesterov: attr.bool(false) };
      return builder.add('ResourceApplyAdam', [...namesOf(inputs), ...waits], attributes).name;
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

/** w ← w − ελw, by an operation on the variable, which no precision rounds. Returns the node's name. */
function decayApart(
  builder: GraphBuilder,
  rate: Ref,
  lambda: number,
  handle: Ref,
  before: Ref,
  readers: readonly string[],
): string {
  const share = builder.add('Mul', namesOf([rate, scalar(builder, lambda)]), T);
  const inputs = [...namesOf([handle, share, before]), ...readers];
  return builder.add('ResourceApplyGradientDescent', inputs, { ...T, use_locking: attr.bool(false) }).name;
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
