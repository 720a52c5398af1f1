import { BadPicture } from '../image/bad-image';
import { valuesOf, type Place } from '../dataset';
import { viewOf, type View, type ViewOptions } from './transform';

/** Memory that threads share: room for one batch. */
export interface Slot {
  /** Prepared images, one after the other, float32. */
  readonly values: ArrayBuffer | SharedArrayBuffer;
  /** Images as they lie in memory, one byte a value; of pictures, none. */
  readonly stored: ArrayBuffer | SharedArrayBuffer;
}

/** Batches that are prepared in one way, in slots of their own. */
export interface Job {
  readonly view: ViewOptions;
  readonly slots: readonly Slot[];
}

/** Some images of a batch, to be prepared one after the other. Plain data. */
export interface Task {
  readonly job: number;
  readonly slot: number;
  /** The row of the first image in the batch. */
  readonly row: number;
  /** Of pictures, where they lie; null where the images lie in the slot. */
  readonly places: readonly Place[] | null;
  readonly seeds: readonly (number | null)[];
}

/** A picture that could not be read; its row holds nothing of sense. */
export interface BadRow {
  readonly row: number;
  /** And within an archive the name of the part. */
  readonly file: string;
  readonly reason: string;
}

/** Does tasks. */
export interface Preparation {
  open(number: number, job: Job): void;
  /** @throws what is no single picture's fault */
  prepare(task: Task): Promise<readonly BadRow[]>;
  close(number: number): void;
}

export function preparation(): Preparation {
  const jobs = new Map<number, { readonly view: View; readonly job: Job }>();
  return {
    open: (number, job) => void jobs.set(number, { job, view: viewOf(job.view) }),
    close: (number) => void jobs.delete(number),
    prepare: async (task) => {
      const open = jobs.get(task.job);
      return open ? prepared(open.view, open.job, task) : []; // nobody waits for a closed job's batches
    },
  };
}

async function prepared(view: View, job: Job, task: Task): Promise<BadRow[]> {
  const { values, stored } = job.slots[task.slot]!;
  const { places, seeds } = task;
  const size = view.parts * valuesOf(view.shape);
  const rowOf = (index: number) => new Float32Array(values, 4 * (task.row + index) * size, size);
  if (places) return preparedPictures(view, places, task, rowOf);
  const storedSize = valuesOf(job.view.stored!);
  seeds.forEach((seed, index) => {
    view.ofPixels(new Uint8Array(stored, (task.row + index) * storedSize, storedSize), seed, rowOf(index));
  });
  return [];
}

/**
 * Pictures that libvips has in hand, in threads of its own, while this one does the rest of the work on one before: with
 * one alone, a core would idle from the end of each to the beginning of the next.
 */
const ahead = 2;

async function preparedPictures(
  view: View,
  places: readonly Place[],
  { row, seeds }: Task,
  rowOf: (index: number) => Float32Array,
): Promise<BadRow[]> {
  const bad: BadRow[] = [];
  const decode = (index: number) => {
    const decoded = view.ofPicture(places[index]!, seeds[index]!);
    decoded.catch(() => undefined); // thrown where it is awaited
    return decoded;
  };
  const coming = Array.from({ length: Math.min(ahead, places.length) }, (_, index) => decode(index));
  for (const index of places.keys()) {
    const decoded = coming[index]!;
    await decoded.catch(() => undefined);
    if (index + ahead < places.length) coming.push(decode(index + ahead));
    try {
      (await decoded)(rowOf(index));
    } catch (error) {
      if (!(error instanceof BadPicture)) throw error;
      bad.push({ row: row + index, file: error.file, reason: error.reason });
    }
  }
  return bad;
}
