/** Loads batches: decoded, distorted and preprocessed in worker threads, ahead of their use. */
import { availableParallelism } from 'node:os';
import type { BadImagePolicy } from '../image/bad-image';
import type { Batch } from './batches';
import { callingThread, startThreadPool, type WorkerPool } from './worker-pool';
import type { ImageSet } from '../dataset';
import { prefetched, type BatchRequest } from './prefetch';

export interface LoaderOptions {
  /**
   * Threads that decode, distort and preprocess, each one image at a time; 0 does so in the calling thread.
   * Default: one a core for image files, 16 at most, and 0 for images that lie in memory. Batches do not depend on it.
   */
  readonly workers?: number | undefined;
  /** Default: `fail`. */
  readonly onBadImage?: BadImagePolicy | undefined;
}

/** Each thread takes some 50 MB, and no network learns from images faster than so many threads decode them. */
const mostByDefault = 16;

/** Prepares batches before they are asked for. */
export interface Loader {
  /**
   * The batches of some plans, in their order. A batch is valid until the next one is asked for: its memory is used
   * again. A batch of which no image could be read is empty.
   * @throws BadImageError when an image cannot be read, unless such are skipped; UserError where the recipe does not fit
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
