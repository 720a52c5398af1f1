/** Loads batches of images in memory or in the page, in the calling thread. */
import type { ImageSet } from '../../data/dataset';
import type { BadImagePolicy } from '../../data/image/image-error';
import { openInMemory } from '../../data/loader/memory-loader';
import { callingThread, prefetched, type Loader } from '../../data/loader/prefetch';
import { openPageImage } from './images';

/**
 * A loader for images of a page; see `labelledImages`.
 * @param onBadImage what becomes of an image that cannot be decoded. Default: `fail`
 */
export function pageLoader({ onBadImage = 'fail' }: { readonly onBadImage?: BadImagePolicy } = {}): Loader {
  const pool = callingThread(openPageImage);
  let jobs = 0;
  return {
    batches: (wanted) => prefetched(pool, jobs++, wanted, onBadImage),
    open: async (data: ImageSet, index, channels) =>
      data.kind === 'files' ? openPageImage(data.files[index]!, channels) : openInMemory(data, index),
    onBadImage,
    close: async () => undefined,
  };
}
