/** One task of preparation: some images of a batch, decoded, distorted and preprocessed into shared memory. */
import { elementCount } from '../../core/shape';
import { BadImageError, type BadImage } from '../image/image-error';
import type { ImageFile } from '../dataset';
import type { OpenImage } from '../image/opened-image';
import type { Pixels } from '../image/pixels';
import { createTransform, type Transform, type TransformOptions } from './transform';

/** Memory that threads share: room for one batch. */
export interface Slot {
  /** Prepared images, one after the other: float32, or bytes where the transform leaves them. */
  readonly values: ArrayBuffer | SharedArrayBuffer;
  /** How the colours of each image change, float32; empty where they do not, or the transform changes them. */
  readonly colours: ArrayBuffer | SharedArrayBuffer;
  /** The stored images of a data set in memory, one byte per value; empty for image files. */
  readonly stored: ArrayBuffer | SharedArrayBuffer;
}

/** Batches that are prepared with the same options, in their own slots. */
export interface Job {
  readonly transform: TransformOptions;
  readonly slots: readonly Slot[];
}

/** Some images of a batch, to be prepared one after the other. Plain data. */
export interface Task {
  readonly job: number;
  readonly slot: number;
  /** The row of the first image in the batch. */
  readonly row: number;
  /** The image files; null where the images lie in the slot. */
  readonly files: readonly ImageFile[] | null;
  readonly seeds: readonly (number | null)[];
}

/** An image that could not be read; its row in the slot is undefined. */
export interface BadRow extends BadImage {
  readonly row: number;
}

/** What a task found out about its images. Plain data. */
export interface Prepared {
  readonly bad: readonly BadRow[];
  /** The rows of images that are shown inverted: see `Decoded`. */
  readonly inverted: readonly number[];
}

/** Does tasks. */
export interface Preparation {
  open(number: number, job: Job): void;
  /** @throws errors that are not the fault of a single image */
  prepare(task: Task): Promise<Prepared>;
  close(number: number): void;
}

/** Opens an image file; `openImage` does in Node. */
export type OpenFile = (file: ImageFile, channels: number) => Promise<OpenImage>;

/** @param openFile called for tasks with image files */
export function preparation(openFile: OpenFile): Preparation {
  const jobs = new Map<number, { readonly transform: Transform; readonly job: Job }>();
  return {
    open: (number, job) => void jobs.set(number, { job, transform: createTransform(job.transform) }),
    close: (number) => void jobs.delete(number),
    prepare: async (task) => {
      const open = jobs.get(task.job);
      return open ? prepared({ ...open, openFile }, task) : nothingFound; // nobody waits for the batches of a closed job
    },
  };
}

const nothingFound: Prepared = { bad: [], inverted: [] };

interface Means {
  readonly transform: Transform;
  readonly job: Job;
  readonly openFile: OpenFile;
}

async function prepared(means: Means, task: Task): Promise<Prepared> {
  const { transform, job } = means;
  const { values, colours, stored } = job.slots[task.slot]!;
  const { files, seeds } = task;
  const { bytes } = job.transform;
  const size = transform.cropsPerImage * elementCount(transform.shape);
  const rowOf = (index: number): Row => {
    const row = task.row + index;
    if (bytes === undefined) return [new Float32Array(values, 4 * row * size, size)];
    return [new Uint8Array(values, row * size, size), new Float32Array(colours, 4 * row * bytes, bytes)];
  };
  if (files) return preparedImages(means, files, task, rowOf);
  const storedSize = elementCount(job.transform.stored!);
  seeds.forEach((seed, index) => {
    transform.fromPixels(
      new Uint8Array(stored, (task.row + index) * storedSize, storedSize),
      seed,
      ...rowOf(index),
    );
  });
  return nothingFound;
}

/** Where an image goes: see `Transform.fromPixels`. */
type Row = readonly [into: Pixels, colours?: Float32Array];

/**
 * Images that libvips decodes in its own threads while this thread distorts an earlier image. With only one, a core
 * would be idle between two images.
 */
const ahead = 2;

async function preparedImages(
  { transform, openFile }: Means,
  files: readonly ImageFile[],
  { row, seeds }: Task,
  rowOf: (index: number) => Row,
): Promise<Prepared> {
  const bad: BadRow[] = [];
  const inverted: number[] = [];
  const decode = (index: number) => {
    const opened = openFile(files[index]!, transform.channels);
    const decoded = opened.then((image) => transform.decode(image, seeds[index]!));
    decoded.catch(() => undefined); // thrown where it is awaited
    return decoded;
  };
  const coming = Array.from({ length: Math.min(ahead, files.length) }, (_, index) => decode(index));
  for (const index of files.keys()) {
    const decoded = coming[index]!;
    await decoded.catch(() => undefined);
    if (index + ahead < files.length) coming.push(decode(index + ahead));
    try {
      const image = await decoded;
      image.write(...rowOf(index));
      if (image.inverted) inverted.push(row + index);
    } catch (error) {
      if (!(error instanceof BadImageError)) throw error;
      bad.push({ row: row + index, file: error.file, reason: error.reason });
    }
  }
  return { bad, inverted };
}
