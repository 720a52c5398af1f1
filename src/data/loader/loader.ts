/** Loads batches of images in files or in memory: decoded, distorted and preprocessed in worker threads of Node. */
import { ownCores } from '../../core/io/process/own-cores';
import type { ImageSet } from '../dataset';
import type { BadImagePolicy } from '../image/image-error';
import { openImage } from '../image/open-image';
import type { OpenImage } from '../image/opened-image';
import { openInMemory } from './memory-loader';
import { callingThread, prefetched, type Loader, type WorkerPool } from './prefetch';
import { startThreadPool } from './worker-pool';

export type { BatchRequest, Loader } from './prefetch';

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

/** Starts threads when they are first needed; the caller closes it. */
export function openLoader({ workers, onBadImage = 'fail' }: LoaderOptions = {}): Loader {
  let inThread: WorkerPool | undefined;
  let threads: WorkerPool | undefined;
  let jobs = 0;
  const poolFor = ({ kind }: ImageSet): WorkerPool => {
    const size = workers ?? (kind === 'files' ? Math.min(ownCores(), mostByDefault) : 0);
    return size === 0 ? (inThread ??= callingThread(openImage)) : (threads ??= startThreadPool(size));
  };
  return {
    batches: (wanted) => prefetched(poolFor(wanted.data), jobs++, wanted, onBadImage),
    open: openImageOf,
    onBadImage,
    close: async () => threads?.end(),
  };
}

/** As `openImage`, for an image given by its index in a data set. */
export async function openImageOf(data: ImageSet, index: number, channels: number): Promise<OpenImage> {
  return data.kind === 'files' ? openImage(data.files[index]!, channels) : openInMemory(data, index);
}
