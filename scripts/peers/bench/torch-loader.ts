/** PyTorch’s DataLoader, timed beside our own batches by `bench-data --python`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Peers } from '../../../src/workflows/measure/bench-data';
import { batchSize } from '../../../src/workflows/measure/loaders';
import type { ImageFiles } from '../../../src/data/dataset';
import { startProgram } from './contender';

/** PyTorch's DataLoader in a Python of its own, which has torch, torchvision and pillow: see `torch_data.py`. */
export function torchPeers(python: string): (images: ImageFiles, cache: string) => Promise<Peers> {
  return async ({ files }, cache) => {
    const list = join(cache, 'files.json');
    await writeFile(list, JSON.stringify(files.map(({ file }) => file)));
    const program = startProgram('PyTorch', python, [join(__dirname, 'python', 'torch_data.py'), list]);
    return {
      loader: (workers) => ({
        name: `PyTorch, ${workers}`,
        turn: async (seconds) => {
          const question = { workers, seconds, batchSize };
          const { imagesPerSecond } = await program.ask<{ imagesPerSecond: number }>(question);
          return { imagesPerSecond, cpuMilliseconds: null };
        },
      }),
      end: () => program.end(),
    };
  };
}
