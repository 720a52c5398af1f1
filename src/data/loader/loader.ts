/** Loads batches: decoded, distorted and preprocessed in worker threads, ahead of their use. */
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { elementCount } from '../../core/shape';
import type { ImageSet } from '../dataset';
import { refused, type BadImagePolicy } from '../image/bad-image';
import type { Batch } from './batches';
import type { BatchPlan } from './sampler';
import { createTransform, type Transform, type TransformOptions } from './transform';
import { batchWhitener } from './whiten-batch';
import { callingThread, startThreadPool, type WorkerPool } from './worker-pool';
import type { BadRow, Slot, Task } from './worker-task';

/** How images are loaded. */
export interface LoaderOptions {
  /**
   * The number of threads that decode, distort and preprocess, one image at a time each; 0 uses the calling thread.
   * Default: for image files one per core, 16 at most; for images in memory 0. Batches do not depend on it.
   */
  readonly workers?: number | undefined;
  /** Default: `fail`. */
  readonly onBadImage?: BadImagePolicy | undefined;
}

/** Each thread takes about 50 MB, and no network learns faster than this many threads decode images. */
const mostByDefault = 16;

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
  /** What happens to an image that cannot be read. */
  readonly onBadImage: BadImagePolicy;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** Starts threads when they are first needed; the caller closes it. */
export function openLoader({ workers, onBadImage = 'fail' }: LoaderOptions = {}): Loader {
  let inThread: WorkerPool | undefined;
  let threads: WorkerPool | undefined;
  let jobs = 0;
  const poolFor = ({ kind }: ImageSet): WorkerPool => {
    const size = workers ?? (kind === 'files' ? Math.min(availableParallelism(), mostByDefault) : 0);
    return size === 0 ? (inThread ??= callingThread()) : (threads ??= startThreadPool(size));
  };
  return {
    batches: (wanted) => prefetched(poolFor(wanted.data), jobs++, wanted, onBadImage),
    onBadImage,
    close: async () => threads?.end(),
  };
}

/** A batch that the pool is preparing. */
interface Underway {
  readonly plan: BatchPlan;
  readonly slot: number;
  readonly bad: Promise<readonly BadRow[]>;
}

/** Images in a task: few enough that all workers share a batch, many enough that messages cost nothing. */
const mostInTask = 8;

/**
 * Prepares batches in a ring of slots. A plan is started when a slot is free, and the slot of a batch becomes free when
 * the next batch is requested. Batches are returned in the order of their plans, whichever is prepared first.
 * @param job a number that no other job of the pool has
 * @throws BadImageError when the turn of a batch comes, for its first image that cannot be read
 */
async function* prefetched(
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
  const begin = async (plan: BatchPlan, slot: number): Promise<readonly BadRow[]> => {
    if (!pool.shared) await setImmediate(); // lets the caller first start its work on the previous batch
    if (data.kind === 'pixels') new Uint8Array(slots[slot]!.stored).set(await data.pixels(plan.indices));
    const tasks = tasksOf(plan, data, inTask).map((task) => pool.prepare({ ...task, job, slot }));
    return (await Promise.all(tasks)).flat();
  };
  const coming = plans[Symbol.iterator]();
  const free = [...slots.keys()];
  const underway: Underway[] = [];
  const fillSlots = () => {
    while (free.length > 0) {
      const next = coming.next();
      if (next.done) return;
      const slot = free.shift()!;
      const bad = begin(next.value, slot);
      bad.catch(() => undefined); // thrown when the batch's turn comes, if it comes
      underway.push({ plan: next.value, slot, bad });
    }
  };
  try {
    for (fillSlots(); underway.length > 0; fillSlots()) {
      const { plan, slot, bad } = underway.shift()!;
      const rows = (await bad).toSorted((one, other) => one.row - other.row);
      if (rows[0] && onBadImage === 'fail') throw refused(rows[0]);
      const { batch, seeds } = assembled(plan, data, { shape, cropsPerImage }, slots[slot]!, rows);
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
  bad: readonly BadRow[],
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
    },
    seeds: kept.map((row) => seeds[row]!),
  };
}
