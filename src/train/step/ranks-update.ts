/**
 * The recorded update of several ranks: each adds up the gradients of its own images, the sums of all ranks go through
 * memory in a few flat buffers, and every rank changes its weights by the same numbers.
 */
import { elementCount } from '../../core/shape';
import { gradientSum, type Wire } from '../../core/io/process/gradient-sum';
import { sumArrays, type Communicator } from '../../core/io/process/communicator';
import { type tf } from '../../core/tf';
import type { AnyBatch } from '../../data/loader/batches';
import {
  CompiledFunction,
  weightResource,
  type Computation,
  type ValuesFor,
} from '../../graph/compiled-function';
import type { LayerTime } from '../../graph/layer-times';
import { bytesOf, type GraphBuilder, type Ref } from '../../graph/session/builder';
import { attr, elementTypes } from '../../graph/session/graph-def';
import {
  addingOf,
  emptyNode,
  partInputsOf,
  startsOf,
  summed,
  sumNodes,
  weightNodes,
} from './accumulated-update';
import { ownShare, statisticsOf, type Slot } from './gradient-descent';
import { after, floatOf, integerOf, namesOf, type RecordedUpdate, type UpdateParts } from './recorded-update';
import { updateNodes } from './update-nodes';

const float = elementTypes.float32;
const int = elementTypes.int32;
const T = { T: attr.type(float) };
const reshaping = { ...T, Tshape: attr.type(int) };

/** The summed gradients of a bucket, one weight after the other, the learning rate and the number of the update. */
type ApplyInputs = readonly [tf.Tensor1D, tf.Scalar, tf.Scalar];

/** Weights whose gradients go over the wire together. */
interface Bucket {
  /** The bucket's gradients, times this rank's share of the images; they are 0 afterwards. */
  readonly take: CompiledFunction<readonly [], null>;
  readonly apply: CompiledFunction<ApplyInputs, null>;
}

/** As many numbers as are worth a call: 4 MB take some milliseconds, and the next bucket goes on meanwhile. */
const bucketSize = 2 ** 20;

/**
 * @param communicator of the ranks that share each update's images
 * @param wire the numbers in which gradients travel
 */
export function ranksUpdate(parts: UpdateParts, communicator: Communicator, wire: Wire): RecordedUpdate {
  const { program, model, slots, recipe } = parts;
  const starts = () => startsOf(parts);
  const sumUp = gradientSum(communicator, wire);
  const add = new CompiledFunction(program, { ...addingOf(parts), starts });
  // The norm by which gradients are clipped is that of all of them.
  const together = recipe.clipNorm === undefined ? bucketSize : Infinity;
  const buckets = bucketsOf(slots, together).map((own): Bucket => ({
    take: new CompiledFunction(program, { ...takingOf(model, own), starts }),
    apply: new CompiledFunction(program, { ...applyingOf(parts, own), starts }),
  }));
  const inputsFor = (data: Float32Array, rate: number, step: number): ValuesFor<ApplyInputs> => [
    { shape: [data.length], data },
    floatOf(rate),
    integerOf(step),
  ];
  return {
    run: async (batch, rate, step) => {
      let loss = 0;
      for (const inputs of partInputsOf(parts, batch, step)) loss += (await add.run(inputs)).data[0]!;
      const applied: Promise<unknown>[] = [];
      const isExact = wire === 'float32';
      // The loss travels with the first bucket: of small networks, what takes time is the number of calls.
      let next = taken(buckets[0]!, isExact ? [loss] : []);
      for (const [at, { apply }] of buckets.entries()) {
        const sums = await next;
        const sum = sumUp(sums);
        // While the ranks add this bucket up, the session gives the next one and applies the one before.
        if (buckets[at + 1]) next = taken(buckets[at + 1]!);
        await sum;
        const hasLoss = at === 0 && isExact;
        if (hasLoss) loss = sums.at(-1)!;
        const flat = hasLoss ? sums.subarray(0, -1) : sums;
        applied.push(apply.run(inputsFor(flat, rate, step)));
      }
      await Promise.all(applied);
      await averageStatistics(parts, batch, communicator);
      return isExact ? loss : (await sumArrays(communicator, [Float32Array.of(loss)], [1]))[0]![0]!;
    },
    layerTimes: async (batch, rate, step) => {
      const times: LayerTime[] = [];
      for (const inputs of partInputsOf(parts, batch, step)) times.push(...(await add.layerTimes(inputs)));
      for (const bucket of buckets) {
        const flat = await taken(bucket);
        await sumUp(flat);
        times.push(...(await bucket.apply.layerTimes(inputsFor(flat, rate, step))));
      }
      return summed(times);
    },
    get recordingSeconds() {
      const seconds = buckets.map(({ take: own, apply }) => own.recordingSeconds + apply.recordingSeconds);
      return seconds.reduce((sum, one) => sum + one, add.recordingSeconds);
    },
  };
}

/** A bucket's gradients of this rank, and further numbers after them. */
async function taken({ take }: Bucket, others: readonly number[] = []): Promise<Float32Array> {
  const flat = (await take.run([])).data as Float32Array;
  if (others.length === 0) return flat;
  const longer = new Float32Array(flat.length + others.length);
  longer.set(flat);
  longer.set(others, flat.length);
  return longer;
}

/** The last layers first, whose gradients are known first. */
export function bucketsOf(slots: readonly Slot[], most: number): readonly (readonly Slot[])[] {
  const buckets: Slot[][] = [];
  let size = 0;
  for (const slot of slots.toReversed()) {
    const own = sizeOf([slot]);
    // One that fills a bucket goes alone: joined with others, it would be copied twice.
    if (buckets.length === 0 || size + own > most) {
      buckets.push([]);
      size = 0;
    }
    buckets.at(-1)!.push(slot);
    size += own;
  }
  return buckets;
}

function sizeOf(slots: readonly Slot[]): number {
  return slots.reduce((sum, { weight }) => sum + elementCount(weight.shape), 0);
}

/** The sums of some weights in one flat array; then they are 0 again. */
function takingOf(model: tf.LayersModel, slots: readonly Slot[]): Computation<readonly [], null> {
  return {
    model,
    compute: () => null,
    finish: (_, { builder }) => {
      const sums = slots.map((slot) => sumNodes(builder, slot));
      const long = integers(builder, -1);
      const rows = sums.map(({ before }) => builder.add('Reshape', namesOf([before, long]), reshaping));
      const axis = builder.constant(bytesOf(Int32Array.of(0)), [], int);
      const joining = { ...T, N: attr.int(rows.length), Tidx: attr.type(int) };
      // TensorFlow joins two or more.
      const flat = rows.length === 1 ? rows[0]! : builder.add('ConcatV2', namesOf([...rows, axis]), joining);
      return after(
        builder,
        flat,
        sums.map((sum) => emptyNode(builder, sum, flat.name)),
      );
    },
  };
}

/** Updates some weights by their summed gradients, which lie one after the other; its value is the rate. */
function applyingOf({ model, recipe }: UpdateParts, slots: readonly Slot[]): Computation<ApplyInputs, null> {
  return {
    model,
    compute: () => null,
    finish: (_, trace, [flat, rate, step]) => {
      const { builder } = trace;
      const whole = trace.refOf(flat);
      let first = 0;
      const gradients = slots.map(({ weight: { shape } }) => {
        const size = elementCount(shape);
        const cut = builder.add(
          'Slice',
          namesOf([whole, integers(builder, first), integers(builder, size)]),
          {
            ...T,
            Index: attr.type(int),
          },
        );
        first += size;
        return builder.add('Reshape', namesOf([cut, integers(builder, ...shape)]), reshaping, {
          shape,
          type: float,
        });
      });
      const variables = slots.map((slot) => weightNodes(builder, slot));
      const scalars = { rate: trace.refOf(rate), step: trace.refOf(step) };
      return after(builder, scalars.rate, updateNodes(builder, recipe, slots, variables, gradients, scalars));
    },
  };
}

function integers(builder: GraphBuilder, ...values: readonly number[]): Ref {
  return builder.constant(bytesOf(Int32Array.from(values)), [values.length], int);
}

/**
 * Statistics that layers keep of what they see, such as the moving means of batch normalisation: each rank's come of
 * its own images, and all ranks take their mean, by the ranks' shares of the images.
 */
async function averageStatistics(
  { program, model }: UpdateParts,
  batch: AnyBatch,
  communicator: Communicator,
): Promise<void> {
  const held = statisticsOf(model)
    .map(({ originalName, shape }) => ({ resource: weightResource(originalName), shape: shape as number[] }))
    .filter(({ resource }) => program.holds(resource));
  if (held.length === 0) return;
  const share = ownShare(batch);
  const values = await program.read(held.map(({ resource }) => resource));
  const own = values.map((each) => each.map((value) => value * share));
  const means = await sumArrays(
    communicator,
    own,
    own.map(({ length }) => length),
  );
  await program.assign(held.map((weight, at) => ({ ...weight, data: () => means[at]! })));
}
