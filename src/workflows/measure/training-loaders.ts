/** Times the updates of a network on batches from memory, from packed images and from a folder. */
import type { Network } from '../../core/network';
import { trainingBatches, type AnyBatch } from '../../data/loader/batches';
import { openLoader, openImageOf } from '../../data/loader/loader';
import { fitRecipe } from '../../data/preprocess/fit';
import { packImages } from '../../data/cache/pack-images';
import type { ImageFiles } from '../../data/dataset';
import { publishedDataset } from '../../data/datasets/catalogue';
import { undistortedPixels } from '../../data/loader/undistorted';
import { benchRate, randomBatch } from '../../report/bench/bench';
import type { Turn } from '../../report/bench/bench-data';
import { stepFor } from '../../train/step/choose-step';
import { clock, type TimedLoader } from './loaders';
import type { Precision } from '../../graph/precision';

export interface TrainingOptions {
  readonly network: Network;
  readonly precision: Precision;
  readonly batch: number;
  /** Updates per turn. */
  readonly steps: number;
  /** Threads of the loader. */
  readonly workers: number | undefined;
  readonly onProgress: (line: string) => void;
}

/** Untimed updates at the start of a turn, after which batches are produced as fast as they are used. */
const warmUp = 3;

/**
 * Images per second of one network's updates, by the source of the batches: `memory` (the same batch again and again),
 * `packed` images, or the `folder` itself. All run the same recorded update, by the network's own recipe.
 */
export async function trainingLoaders(
  data: ImageFiles,
  cache: string,
  { network, precision, batch: batchSize, steps, workers, onProgress }: TrainingOptions,
): Promise<{ readonly loaders: readonly TimedLoader[]; end(): Promise<void> }> {
  const given = { ...network.recipe, batchSize, epochs: 1_000_000 };
  const { recipe, fitted } = await fitRecipe(undistortedPixels(data, given, openImageOf), given);
  const classes = publishedDataset(recipe.dataset)?.classes ?? 10;
  const step = stepFor(network.build({ classes, seed: 1 }), recipe, 1, { precision });
  const packed = await packImages(data, { cache, recipe, workers, onProgress });
  const loader = openLoader({ workers });
  const turnOf = async (batches: AsyncIterable<AnyBatch>): Promise<Turn> => {
    let updates = 0;
    let running = clock();
    for await (const batch of batches) {
      if (batch.labels.length < batchSize) continue; // the smaller last batch of an epoch has a graph of its own
      if (updates === warmUp) running = clock();
      await step.run(batch, benchRate, 0);
      if (++updates === warmUp + steps) break;
    }
    return running.turn(steps * batchSize);
  };
  let epochs = 0;
  const from = (name: string, images: ImageFiles): TimedLoader => ({
    name,
    turn: () => {
      const shown = { data: images, recipe, seed: ++epochs, done: 0, fitted, loader };
      return turnOf(trainingBatches({ ...shown, bytes: step.takesBytes ?? false }));
    },
  });
  const same = randomBatch(batchSize, recipe.input.shape, classes);
  async function* again() {
    for (;;) yield same;
  }
  return {
    loaders: [{ name: 'memory', turn: () => turnOf(again()) }, from('packed', packed), from('folder', data)],
    end: async () => {
      await loader.close();
      step.dispose();
    },
  };
}
