import { setImmediate } from 'node:timers/promises';
import { refused, type BadPicturePolicy } from '../image/bad-image';
import type { BatchPlan } from './sampler';
import type { Batch } from './batches';
import type { Crew } from './worker-pool';
import { type ImageSet, valuesOf } from '../dataset';
import { finisher } from './whiten-batch';
import type { BadRow, Slot, Task } from './worker-task';
import { viewOf, type View, type ViewOptions } from './transform';

export interface BatchesToFeed {
  readonly data: ImageSet;
  readonly plans: Iterable<BatchPlan>;
  readonly view: Omit<ViewOptions, 'stored'>;
  /** Of the largest plan. */
  readonly batchSize: number;
}

/** A batch in the hands of the crew. */
interface Underway {
  readonly plan: BatchPlan;
  readonly slot: number;
  readonly bad: Promise<readonly BadRow[]>;
}

/** Images of a task: few enough that all workers have some of a batch, many enough that orders cost nothing. */
const mostInTask = 8;

/**
 * Has batches prepared in a ring of slots: so many are under way or in use, and no further plan is taken up before the
 * one in use is done with. What is handed out is in the order of the plans, whoever was faster.
 * @param job a number that no other job of the crew has
 * @throws BadPicture, when the turn of its batch comes, for the first picture of it that cannot be read
 */
export async function* prefetched(
  crew: Crew,
  job: number,
  { data, plans, view, batchSize }: BatchesToFeed,
  onBadPicture: BadPicturePolicy,
): AsyncGenerator<Batch, void> {
  const stored = data.kind === 'images' ? data.shape : null;
  const { whitening: _, ...fitted } = view.fitted ?? {};
  const options: ViewOptions = { recipe: view.recipe, stored, fitted, crops: view.crops };
  const { shape, parts } = viewOf(options);
  const inTask = Math.max(1, Math.min(mostInTask, Math.ceil(batchSize / crew.capacity)));
  const slots = Array.from({ length: slotsFor(crew, inTask, batchSize) }, () =>
    newSlot(crew, batchSize * parts * valuesOf(shape), stored ? batchSize * valuesOf(stored) : 0),
  );
  const finish = finisher({ ...view, stored });
  crew.open(job, { view: options, slots });
  const begin = async (plan: BatchPlan, slot: number): Promise<readonly BadRow[]> => {
    if (!crew.shared) await setImmediate(); // whoever takes batches first sets off the work on the one before
    if (data.kind === 'images') new Uint8Array(slots[slot]!.stored).set(await data.pixels(plan.indices));
    const tasks = tasksOf(plan, data, inTask).map((task) => crew.prepare({ ...task, job, slot }));
    return (await Promise.all(tasks)).flat();
  };
  const coming = plans[Symbol.iterator]();
  const free = [...slots.keys()];
  const underway: Underway[] = [];
  const takeUp = () => {
    while (free.length > 0) {
      const next = coming.next();
      if (next.done) return;
      const slot = free.shift()!;
      const bad = begin(next.value, slot);
      bad.catch(() => undefined); // thrown when the batch's turn comes, unless nobody wants it any more
      underway.push({ plan: next.value, slot, bad });
    }
  };
  try {
    for (takeUp(); underway.length > 0; takeUp()) {
      const { plan, slot, bad } = underway.shift()!;
      const rows = (await bad).toSorted((one, other) => one.row - other.row);
      if (rows[0] && onBadPicture === 'fail') throw refused(rows[0]);
      const { batch, seeds } = assembled(plan, data, { shape, parts }, slots[slot]!, rows);
      yield await finish.apply(batch, seeds);
      free.push(slot);
    }
  } finally {
    crew.close(job);
    coming.return?.();
    finish.dispose();
  }
}

/** One in use, one that waits for its turn, and as many as it takes to give the crew its fill. */
function slotsFor({ capacity }: Crew, inTask: number, batchSize: number): number {
  return 1 + Math.ceil((capacity * inTask) / batchSize) + (capacity > 1 ? 1 : 0);
}

function newSlot({ shared }: Crew, values: number, stored: number): Slot {
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
    const places =
      data.kind === 'pictures'
        ? Array.from(indices.subarray(row, end), (index) => data.places[index]!)
        : null;
    return { row, places, seeds: seeds.slice(row, end) };
  });
}

/** The batch that lies in a slot, without the bad rows. */
function assembled(
  { indices, seeds }: BatchPlan,
  { labels }: ImageSet,
  { shape, parts }: Pick<View, 'shape' | 'parts'>,
  slot: Slot,
  bad: readonly BadRow[],
): { readonly batch: Batch; readonly seeds: BatchPlan['seeds'] } {
  const size = parts * valuesOf(shape);
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
      ...(parts > 1 && { parts }),
      labels: Int32Array.from(kept, (row) => labels[indices[row]!]!),
      ...(bad.length > 0 && {
        skipped: bad.map(({ row, file, reason }) => ({ file, reason, index: indices[row]! })),
      }),
    },
    seeds: kept.map((row) => seeds[row]!),
  };
}
