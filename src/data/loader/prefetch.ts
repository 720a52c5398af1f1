/** Prepares batches ahead of their use, in whatever threads there are: the part of loaders that needs nothing of Node. */
import { eventLoopTurn } from '../../core/io/process/event-loop';
import { elementCount } from '../../core/shape';
import type { ImageSet } from '../dataset';
import { refused, type BadImagePolicy } from '../image/image-error';
import type { OpenImage } from '../image/opened-image';
import type { AnyBatch, Batch } from './batches';
import { finishingOf, type BytesWanted } from '../augment/finishing';
import type { BatchPlan } from './sampler';
import { createTransform, croppedShape, type TransformOptions } from './transform';
import { batchWhitener } from './whiten-batch';
import {
  preparation,
  type BadRow,
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
  /** Given where images may be left as bytes, if that is possible: see `finishingOf`. */
  readonly bytes?: BytesWanted;
}

/** Prepares batches ahead of their use. */
export interface Loader {
  /**
   * The batches of some plans, in order. A batch is valid until the next one is requested, since its memory is reused.
   * A batch in which no image could be read is empty.
   * @throws BadImageError when an image cannot be read, unless such images are skipped; UserError when the recipe does
   *   not fit
   */
  batches(wanted: BatchRequest): AsyncGenerator<AnyBatch, void>;
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
  { data, plans, transform, batchSize, bytes }: BatchRequest,
  onBadImage: BadImagePolicy,
): AsyncGenerator<AnyBatch, void> {
  const stored = data.kind === 'pixels' ? data.shape : null;
  const { whitening: _, ...fitted } = transform.fitted ?? {}; // not sent to workers: see whiten-batch.ts
  const asked: TransformOptions = { recipe: transform.recipe, stored, fitted, crops: transform.crops };
  const finishing = bytes && finishingOf(transform.recipe, croppedShape(asked), transform.fitted, bytes);
  const options = finishing ? { ...asked, bytes: finishing.colourNumbers } : asked;
  const { shape, cropsPerImage } = createTransform(options);
  const inTask = Math.max(1, Math.min(mostInTask, Math.ceil(batchSize / pool.capacity)));
  const inImage = cropsPerImage * elementCount(shape);
  const slots = Array.from({ length: slotsFor(pool, inTask, batchSize) }, () =>
    newSlot(pool, {
      values: batchSize * (finishing ? inImage : 4 * inImage),
      colours: batchSize * 4 * (finishing?.colourNumbers ?? 0),
      stored: stored ? batchSize * elementCount(stored) : 0,
    }),
  );
  const whitener = finishing ? undefined : batchWhitener({ ...transform, stored });
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
      const { kept, facts } = assembled(plan, data, cropsPerImage, prepared);
      const memory = slots[slot]!;
      if (finishing) {
        const given = compacted(new Uint8Array(memory.values), inImage, kept, rows);
        const colours = compacted(new Float32Array(memory.colours), finishing.colourNumbers, kept, rows);
        yield { ...facts, bytes: given, colours, finishing };
      } else {
        const images = compacted(new Float32Array(memory.values), inImage, kept, rows);
        const seeds = kept.map((row) => plan.seeds[row]!);
        yield await whitener!.apply({ ...facts, images, shape }, seeds);
      }
      free.push(slot);
    }
  } finally {
    pool.close(job);
    coming.return?.();
    whitener?.dispose();
  }
}

/** The number of slots: one in use, one ready, and as many as keep all workers busy. */
function slotsFor({ capacity }: WorkerPool, inTask: number, batchSize: number): number {
  return 1 + Math.ceil((capacity * inTask) / batchSize) + (capacity > 1 ? 1 : 0);
}

/** @param sizes in bytes */
function newSlot({ shared }: WorkerPool, sizes: Readonly<Record<keyof Slot, number>>): Slot {
  const Memory = shared ? SharedArrayBuffer : ArrayBuffer;
  return {
    values: new Memory(sizes.values),
    colours: new Memory(sizes.colours),
    stored: new Memory(sizes.stored),
  };
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

/** What a batch is without the bad rows, beside its images, and the rows that are left. */
function assembled(
  { indices }: BatchPlan,
  { labels }: ImageSet,
  cropsPerImage: number,
  { bad, inverted }: Prepared,
): { readonly facts: Omit<Batch, 'images' | 'shape'>; readonly kept: readonly number[] } {
  const without = new Set(bad.map(({ row }) => row));
  const kept = [...indices.keys()].filter((row) => !without.has(row));
  const facts = {
    ...(cropsPerImage > 1 && { cropsPerImage }),
    labels: Int32Array.from(kept, (row) => labels[indices[row]!]!),
    ...(bad.length > 0 && {
      skipped: bad.map(({ row, file, reason }) => ({ file, reason, index: indices[row]! })),
    }),
    ...(inverted.length > 0 && { inverted: inverted.map((row) => indices[row]!) }),
  };
  return { facts, kept };
}

/** The rows that are left, moved together. */
function compacted<A extends Uint8Array | Float32Array>(
  all: A,
  size: number,
  kept: readonly number[],
  bad: readonly BadRow[],
): A {
  if (bad.length > 0) kept.forEach((row, at) => all.copyWithin(at * size, row * size, (row + 1) * size));
  return all.subarray(0, kept.length * size) as A;
}
