import { availableParallelism } from 'node:os';
import type { BadPicturePolicy } from '../image/bad-image';
import type { Batch } from './batches';
import { callingThread, startCrew, type Crew } from './worker-pool';
import type { ImageSet } from '../dataset';
import { prefetched, type BatchesToFeed } from './prefetch';

export interface FeedOptions {
  /**
   * Threads that decode, distort and preprocess, each one picture at a time; 0 does so in the calling thread.
   * Default: one a core for pictures, 16 at most, and 0 for images that lie in memory. Batches do not depend on it.
   */
  readonly workers?: number | undefined;
  /** Default: `fail`. */
  readonly onBadPicture?: BadPicturePolicy | undefined;
}

/** Each holds some 50 MB, and no network learns from more pictures than so many decode. */
const mostByDefault = 16;

/** Prepares batches ahead of whoever takes them. */
export interface Feed {
  /**
   * The batches of some plans, in their order. A batch is good until the next one is asked for: its memory is used
   * again. One of whose pictures none could be read is empty.
   * @throws BadPicture when a picture cannot be read, unless such are skipped; UserError where the recipe does not fit
   */
  batches(wanted: BatchesToFeed): AsyncGenerator<Batch, void>;
  /** What a picture does that cannot be read. */
  readonly onBadPicture: BadPicturePolicy;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** Starts threads when they are first needed; the caller closes it. */
export function openFeed({ workers, onBadPicture = 'fail' }: FeedOptions = {}): Feed {
  let inThread: Crew | undefined;
  let threads: Crew | undefined;
  let jobs = 0;
  const crewFor = ({ kind }: ImageSet): Crew => {
    const size = workers ?? (kind === 'pictures' ? Math.min(availableParallelism(), mostByDefault) : 0);
    return size === 0 ? (inThread ??= callingThread()) : (threads ??= startCrew(size));
  };
  return {
    batches: (wanted) => prefetched(crewFor(wanted.data), jobs++, wanted, onBadPicture),
    onBadPicture,
    close: async () => threads?.end(),
  };
}
