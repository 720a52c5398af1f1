/** The middle of images of ImageNet's validation set, from the data root's `imagenet-val`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageFiles } from '../../../../src/data/dataset';
import { openLoader } from '../../../../src/data/loader/loader';
import { undistortedPixels } from '../../../../src/data/loader/undistorted';
import { dataRoot } from '../../../../src/data/open';

export interface ImagenetPixels {
  /** In the order of the synsets' ids. */
  readonly labels: readonly number[];
  /** `[images, …shape]`, red first. */
  readonly pixels: Uint8Array;
  readonly shape: readonly [number, number, number];
}

/** @param count of images, the first ones; default: all */
export async function imagenetPixels(count?: number): Promise<ImagenetPixels> {
  const root = join(dataRoot(process.env), 'imagenet-val');
  const lines = readFileSync(join(root, 'labels.txt'), 'utf8').trim().split('\n').slice(0, count);
  const labels = lines.map((line) => Number(line.split(/\s+/)[1]));
  const files = lines.map((line) => ({ file: join(root, 'images', line.split(/\s+/)[0]!) }));
  const data: ImageFiles = {
    ...{ kind: 'files', name: 'imagenet-val', synthetic: false, classes: ['any'] },
    ...{ labels: new Int32Array(files.length), files },
  };
  // The middle 224×224 as they are: these images have 227×227 pixels, and are not enlarged.
  const augment = [{ kind: 'randomCrop', size: 224, shortSide: 227 }] as const;
  const recipe = { input: { shape: [224, 224, 3], preprocess: [] }, augment } as const;
  const loader = openLoader({ workers: 0 });
  const { shape, pixels } = undistortedPixels(data, recipe, loader.open.bind(loader));
  const all = await pixels(new Int32Array(files.length).map((_, at) => at));
  await loader.close();
  return { labels, pixels: all, shape };
}
