/** The recorded update of several batches: a graph that adds up their gradients, and one that applies the sums. */
import { type tf } from '../../core/tf';
import type { AnyBatch } from '../../data/loader/batches';
import {
  CompiledFunction,
  weightResource,
  type Computation,
  type ValuesFor,
} from '../../graph/compiled-function';
import { LayerTimes, type LayerTime } from '../../graph/layer-times';
import { bytesOf, variableNodes, type GraphBuilder, type Ref } from '../../graph/session/builder';
import { attr, elementTypes } from '../../graph/session/graph-def';
import type { TracedVariable } from '../../graph/record/recorder';
import type { Start } from '../../graph/session/program';
import { prepareDropout } from '../../layers/seeded-dropout';
import { partsOf, type Slot } from './gradient-descent';
import {
  after,
  floatOf,
  imagesOf,
  integerOf,
  namesOf,
  slopesOf,
  type RecordedUpdate,
  type Slopes,
  type UpdateParts,
} from './recorded-update';
import { assignedNodes, updateNodes, updateScope } from './update-nodes';

/** Images, labels, their share of the update's images, the place of the first in the update, the update's number. */
type PartInputs = readonly [tf.Tensor4D, tf.Tensor1D, tf.Scalar, tf.Scalar, tf.Scalar];

/** The learning rate and the number of the update. */
type ApplyInputs = readonly [tf.Scalar, tf.Scalar];

const float = elementTypes.float32;
const T = { T: attr.type(float) };

/**
 * An update by the mean gradient of several batches, which are computed one after the other. The session adds the
 * gradients up in variables of its own: they are 0 again after each update, so that no checkpoint holds them.
 */
export function accumulatedUpdate(parts: UpdateParts): RecordedUpdate {
  const { program } = parts;
  const starts = () => startsOf(parts);
  const add = new CompiledFunction(program, { ...addingOf(parts), starts });
  const apply = new CompiledFunction(program, { ...applyingOf(parts), starts });
  const partInputs = (batch: AnyBatch, step: number) => partInputsOf(parts, batch, step);
  const applyInputs = (rate: number, step: number): ValuesFor<ApplyInputs> => [
    floatOf(rate),
    integerOf(step),
  ];
  return {
    run: async (batch, rate, step) => {
      let loss = 0;
      for (const inputs of partInputs(batch, step)) loss += (await add.run(inputs)).data[0]!;
      await apply.run(applyInputs(rate, step));
      return loss;
    },
    layerTimes: async (batch, rate, step) => {
      const times: LayerTime[] = [];
      for (const inputs of partInputs(batch, step)) times.push(...(await add.layerTimes(inputs)));
      times.push(...(await apply.layerTimes(applyInputs(rate, step))));
      return summed(times);
    },
    get recordingSeconds() {
      return add.recordingSeconds + apply.recordingSeconds;
    },
  };
}

/** First values of the variables: the sums are 0. */
export function startsOf({ state, slots }: UpdateParts): readonly Start[] {
  return [
    ...state.starts(),
    ...slots.map(({ name, weight: { shape } }) => ({ resource: sumOf(name), shape, data: null })),
  ];
}

/** What `addingOf` is fed for each part of an update's images. */
export function partInputsOf(
  { recipe }: UpdateParts,
  batch: AnyBatch,
  step: number,
): ValuesFor<PartInputs>[] {
  return partsOf(batch, recipe).map(({ part, first, share }) => [
    ...imagesOf(part),
    floatOf(share),
    integerOf(first),
    integerOf(step),
  ]);
}

/** Adds a batch's gradients, times its share of the images, to the sums; its value is the loss times that share. */
export function addingOf(parts: UpdateParts): Computation<PartInputs, Slopes> {
  const { model, seed, slots } = parts;
  return {
    model,
    compute: ([images, labels, share, first, step]) => {
      prepareDropout(model, seed, step, first);
      const { loss, slopes } = slopesOf(parts, images, labels);
      return { loss: loss.mul(share), slopes };
    },
    finish: ({ loss, slopes }, trace, [, , share]) => {
      const { builder, variables } = trace;
      const less = builder.add('Neg', [trace.refOf(share).name], T);
      // Subtracts from the variable the negative share: an operation on a variable, which no precision rounds.
      const added = slots.map(({ name }, index) => {
        builder.scope = updateScope(name);
        const inputs = [sumNodes(builder, slots[index]!).handle, less, trace.refOf(slopes[index]!)];
        return builder.add('ResourceApplyGradientDescent', namesOf(inputs), {
          ...T,
          use_locking: attr.bool(false),
        }).name;
      });
      builder.scope = null;
      return after(builder, trace.refOf(loss), [...added, ...assignedNodes(builder, variables)]);
    },
  };
}

/** Updates the weights by the sums and sets these to 0; its value is the rate. */
function applyingOf(parts: UpdateParts): Computation<ApplyInputs, null> {
  const { model, recipe, slots } = parts;
  return {
    model,
    compute: () => null,
    finish: (_, trace, [rate, step]) => {
      const { builder } = trace;
      const variables = slots.map((slot) => weightNodes(builder, slot));
      const sums = slots.map((slot) => sumNodes(builder, slot));
      const scalars = { rate: trace.refOf(rate), step: trace.refOf(step) };
      const gradients = sums.map(({ before }) => before);
      const updates = updateNodes(builder, recipe, slots, variables, gradients, scalars);
      const emptied = sums.map((sum) => emptyNode(builder, sum, sum.before.name));
      return after(builder, scalars.rate, [...updates, ...emptied]);
    },
  };
}

function sumOf(weight: string): string {
  return `gradientSum/${weight}`;
}

/** The handle of a weight's sum, and a node that reads it. */
export function sumNodes(builder: GraphBuilder, { name, weight }: Slot): { handle: Ref; before: Ref } {
  return variableNodes(builder, sumOf(name), weight.shape, float);
}

/** Adds the node that sets a sum to 0 after another node, and returns its name. */
export function emptyNode(
  builder: GraphBuilder,
  { handle }: { readonly handle: Ref },
  behind: string,
): string {
  const zeros = builder.filled(bytesOf(Float32Array.of(0)), handle.shape, float);
  const inputs = [handle.name, zeros.name, `^${behind}`];
  return builder.add('AssignVariableOp', inputs, { dtype: attr.type(float) }).name;
}

/** A weight's variable, as `updateNodes` takes it. */
export function weightNodes(builder: GraphBuilder, { name, weight }: Slot): TracedVariable {
  const resource = weightResource(name);
  const nodes = variableNodes(builder, resource, weight.shape, float);
  return { variable: weight, resource, ...nodes, after: null };
}

/** The times of several runs, added up by layer. */
export function summed(times: readonly LayerTime[]): readonly LayerTime[] {
  const sums = new LayerTimes();
  for (const { layer, ...passes } of times)
    for (const pass of ['forward', 'backward', 'update'] as const)
      sums.add(layer === null ? null : { layer, pass }, passes[pass]);
  return sums.found();
}
