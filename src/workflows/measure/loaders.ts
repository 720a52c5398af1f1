/** Ways to read images that `benchData` times: our batches, and sharp alone. */
import { performance } from 'node:perf_hooks';
import sharp from 'sharp';
import { trainingBatches } from '../../data/loader/batches';
import { openLoader } from '../../data/loader/loader';
import type { ImageFiles } from '../../data/dataset';
import type { Recipe } from '../../core/network';
import { cpuMilliseconds } from '../../runtime/machine';
import type { Turn } from '../../report/bench/bench-data';

/** A way of reading images. A turn is timed from the arrival of the first batch. */
export interface TimedLoader {
  readonly name: string;
  turn(seconds: number): Promise<Turn>;
}

/** Starts a clock; `turn` returns the speed for the given number of images. */
export function clock(): { elapsed(): number; turn(images: number): Turn } {
  const started = performance.now();
  const before = cpuMilliseconds();
  const elapsed = () => (performance.now() - started) / 1000;
  return {
    elapsed,
    turn: (images) => {
      const cpu = cpuMilliseconds() - before;
      return { imagesPerSecond: images / elapsed(), cpuMilliseconds: cpu / images };
    },
  };
}

/** Images per batch. */
export const batchSize = 32;

/** Short side 256, a random crop of 224 pixels, random mirroring, and lighting noise (AlexNet §2, §4.1). */
export const readingRecipe = {
  input: { shape: [224, 224, 3], preprocess: [{ kind: 'subtract', mean: [123.68, 116.779, 103.939] }] },
  augment: [
    { kind: 'randomCrop', size: 224, shortSide: 256 },
    { kind: 'flip' },
    { kind: 'pcaLighting', deviation: 0.1 },
  ],
  batchSize,
  epochs: 1_000_000,
} as const satisfies Partial<Recipe>;

/** Our own batches; the threads are started before the clock. */
export function ownLoader(name: string, data: ImageFiles, workers: number): TimedLoader {
  return {
    name,
    turn: async (seconds) => {
      const loader = openLoader({ workers });
      try {
        const given = trainingBatches({ data, recipe: readingRecipe, seed: 1, done: 0, loader });
        await given.next();
        const { elapsed, turn } = clock();
        let images = 0;
        for await (const { labels } of given) {
          images += labels.length;
          if (elapsed() > seconds) break;
        }
        return turn(images);
      } finally {
        await loader.close();
      }
    },
  };
}

/** Sharp alone, `atATime` images at once: the same resize of the whole image, to bytes that are discarded. */
export function sharpLoader(name: string, { files }: ImageFiles, atATime: number): TimedLoader {
  const resize = { width: 256, height: 256, fit: 'outside', kernel: 'linear' } as const;
  return {
    name,
    turn: async (seconds) => {
      sharp.cache(false);
      sharp.concurrency(1);
      let images = 0;
      const { elapsed, turn } = clock();
      const lane = async () => {
        while (elapsed() < seconds) {
          await sharp(files[images++ % files.length]!.file)
            .resize(resize)
            .raw()
            .toBuffer();
        }
      };
      await Promise.all(Array.from({ length: atATime }, lane));
      return turn(images);
    },
  };
}
