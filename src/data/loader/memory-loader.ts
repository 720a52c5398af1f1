/** Loads batches of images in memory, in the calling thread: in browsers as in Node. */
import { UserError } from '../../core/errors';
import type { Dataset, ImageSet } from '../dataset';
import { imageInMemory, type OpenImage } from '../image/opened-image';
import { callingThread, prefetched, type Loader } from './prefetch';

/** A loader that needs nothing of Node. Image files are for `openLoader`, which gives the same batches. */
export function memoryLoader(): Loader {
  const pool = callingThread(async ({ file }) => {
    throw filesGiven(file);
  });
  let jobs = 0;
  return {
    batches: (wanted) => {
      expectInMemory(wanted.data);
      return prefetched(pool, jobs++, wanted, 'fail');
    },
    open: async (data, index) => openInMemory(expectInMemory(data), index),
    onBadImage: 'fail',
    close: async () => undefined,
  };
}

/** Opens one image of a data set in memory. */
export async function openInMemory(data: Dataset, index: number): Promise<OpenImage> {
  const pixels = await data.pixels(Int32Array.of(index));
  return imageInMemory(() => pixels, data.shape);
}

function expectInMemory(data: ImageSet): Dataset {
  if (data.kind === 'files') throw filesGiven(data.name);
  return data;
}

function filesGiven(name: string): UserError {
  return new UserError(
    `${name}: expected images in memory, or a loader that reads image files (openLoader); found files and none`,
  );
}
