/** Prepares batches ahead of their use, in whatever threads there are: the part of loaders that needs nothing of Node. */
import { eventLoopTurn } from '../../core/io/process/event-loop';
import { elementCount } from '../../core/shape';
import type { ImageSet } from '../dataset';
import { refused, type BadImagePolicy } from '../image/image-error';
import type { OpenImage } from '../image/opened-image';
import type { Batch } from './batches';
import type { BatchPlan } from './sampler';
import { createTransform, type Transform, type TransformOptions } from './transform';
import { batchWhitener } from './whiten-batch';
import {
  preparation,
  type OpenFile,
  type Preparation,
  type Prepared,
  type Slot,
  type Task,
} from './worker-task';

/** A request for batches. */
export interface BatchRequest {
  readonly data: ImageSet;
  readonly plans: Iterable<BatchPlan>;
  readonly transform: Omit<TransformOptions, 'stored'>;
  /** The batch size of the largest plan. */
  readonly batchSize: number;
}

/** Prepares batches ahead of their use. */
export interface Loader {
  /**
   * The batches of some plans, in order. A batch is valid until the next one is requested, since its memory is reused.
   * A batch in which no image could be read is empty.
   * @throws BadImageError when an image cannot be read, unless such images are skipped; UserError when the recipe does
   *   not fit
   */
  batches(wanted: BatchRequest): AsyncGenerator<Batch, void>;
  /** Opens one image of a data set, for whoever sees it at several sizes. */
  open(data: ImageSet, index: number, channels: number): Promise<OpenImage>;
  /** What happens to an image that cannot be read. */
  readonly onBadImage: BadImagePolicy;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** Does the tasks of preparation: in worker threads, or in the calling thread itself. */
export interface WorkerPool extends Preparation {
  /** How many tasks are worth submitting before the first one is finished. */
  readonly capacity: number;
  /** Whether it works in other threads, so that memory has to be shared. */
  readonly shared: boolean;
  /** Ends the threads. Unfinished tasks never settle. */
  end(): Promise<void>;
}

/** Prepares in the calling thread. */
export function callingThread(openFile: OpenFile): WorkerPool {
  return { ...preparation(openFile), capacity: 1, shared: false, end: async () => undefined };
}

/** A batch that the pool is preparing. */
interface Underway {
  readonly plan: BatchPlan;
  readonly slot: number;
  readonly found: Promise<Prepared>;
}

/** Images in a task: few enough that all workers share a batch, many enough that messages cost nothing. */
const mostInTask = 8;

/**
 * Prepares batches in a ring of slots. A plan is started when a slot is free, and the slot of a batch becomes free when
 * the next batch is requested. Batches are returned in the order of their plans, whichever is prepared first.
 * @param job a number that no other job of the pool has
 * @throws BadImageError when the turn of a batch comes, for its first image that cannot be read
 */
export async function* prefetched(
  pool: WorkerPool,
  job: number,
  { data, plans, transform, batchSize }: BatchRequest,
  onBadImage: BadImagePolicy,
): AsyncGenerator<Batch, void> {
  const stored = data.kind === 'pixels' ? data.shape : null;
  const { whitening: _, ...fitted } = transform.fitted ?? {}; // not sent to workers: see whiten-batch.ts
  const options: TransformOptions = { recipe: transform.recipe, stored, fitted, crops: transform.crops };
  const { shape, cropsPerImage } = createTransform(options);
  const inTask = Math.max(1, Math.min(mostInTask, Math.ceil(batchSize / pool.capacity)));
  const slots = Array.from({ length: slotsFor(pool, inTask, batchSize) }, () =>
    newSlot(
      pool,
      batchSize * cropsPerImage * elementCount(shape),
      stored ? batchSize * elementCount(stored) : 0,
    ),
  );
  const whitener = batchWhitener({ ...transform, stored });
  pool.open(job, { transform: options, slots });
  const begin = async (plan: BatchPlan, slot: number): Promise<Prepared> => {
    if (!pool.shared) await eventLoopTurn(); // lets the caller first start its work on the previous batch
    if (data.kind === 'pixels') new Uint8Array(slots[slot]!.stored).set(await data.pixels(plan.indices));
    const tasks = tasksOf(plan, data, inTask).map((task) => pool.prepare({ ...task, job, slot }));
    const found = await Promise.all(tasks);
    return { bad: found.flatMap(({ bad }) => bad), inverted: found.flatMap(({ inverted }) => inverted) };
  };
  const coming = plans[Symbol.iterator]();
  const free = [...slots.keys()];
  const underway: Underway[] = [];
  const fillSlots = () => {
    while (free.length > 0) {
      const next = coming.next();
      if (next.done) return;
      const slot = free.shift()!;
      const found = begin(next.value, slot);
      found.catch(() => undefined); // thrown when the batch's turn comes, if it comes
      underway.push({ plan: next.value, slot, found });
    }
  };
  try {
    for (fillSlots(); underway.length > 0; fillSlots()) {
      const { plan, slot, found } = underway.shift()!;
      const { bad, inverted } = await found;
      const rows = bad.toSorted((one, other) => one.row - other.row);
      if (rows[0] && onBadImage === 'fail') throw refused(rows[0]);
      const prepared = { bad: rows, inverted };
      const { batch, seeds } = assembled(plan, data, { shape, cropsPerImage }, slots[slot]!, prepared);
      yield await whitener.apply(batch, seeds);
      free.push(slot);
    }
  } finally {
    pool.close(job);
    coming.return?.();
    whitener.dispose();
  }
}

/** The number of slots: one in use, one ready, and as many as keep all workers busy. */
function slotsFor({ capacity }: WorkerPool, inTask: number, batchSize: number): number {
  return 1 + Math.ceil((capacity * inTask) / batchSize) + (capacity > 1 ? 1 : 0);
}

function newSlot({ shared }: WorkerPool, values: number, stored: number): Slot {
  const Memory = shared ? SharedArrayBuffer : ArrayBuffer;
  return { values: new Memory(4 * values), stored: new Memory(stored) };
}

function tasksOf(
  { indices, seeds }: BatchPlan,
  data: ImageSet,
  inTask: number,
): Omit<Task, 'job' | 'slot'>[] {
  return Array.from({ length: Math.ceil(indices.length / inTask) }, (_, task) => {
    const [row, end] = [task * inTask, (task + 1) * inTask];
    const files =
      data.kind === 'files' ? Array.from(indices.subarray(row, end), (index) => data.files[index]!) : null;
    return { row, files, seeds: seeds.slice(row, end) };
  });
}

/** The batch that lies in a slot, without the bad rows. */
function assembled(
  { indices, seeds }: BatchPlan,
  { labels }: ImageSet,
  { shape, cropsPerImage }: Pick<Transform, 'shape' | 'cropsPerImage'>,
  slot: Slot,
  { bad, inverted }: Prepared,
): { readonly batch: Batch; readonly seeds: BatchPlan['seeds'] } {
  const size = cropsPerImage * elementCount(shape);
  const without = new Set(bad.map(({ row }) => row));
  const kept = [...indices.keys()].filter((row) => !without.has(row));
  const images = new Float32Array(slot.values, 0, kept.length * size);
  if (bad.length > 0) {
    const all = new Float32Array(slot.values);
    kept.forEach((row, at) => all.copyWithin(at * size, row * size, (row + 1) * size));
  }
  return {
    batch: {
      images,
      shape,
      ...(cropsPerImage > 1 && { cropsPerImage }),
      labels: Int32Array.from(kept, (row) => labels[indices[row]!]!),
      ...(bad.length > 0 && {
        skipped: bad.map(({ row, file, reason }) => ({ file, reason, index: indices[row]! })),
      }),
      ...(inverted.length > 0 && { inverted: inverted.map((row) => indices[row]!) }),
    },
    seeds: kept.map((row) => seeds[row]!),
  };
}
