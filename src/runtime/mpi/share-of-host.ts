/** What ranks of one host share: its cores, and its GPUs by the ranks' numbers there. */
import type { Communicator } from '../../core/io/process/communicator';
import { ownCores, shareCores } from '../../core/io/process/own-cores';
import { gpuNames, hasGpu, listGpus } from '../gpu';

/** TensorFlow reads these when it starts; what the user has set stays. */
const threads = ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS', 'OMP_NUM_THREADS'] as const;
const visibleGpus = 'CUDA_VISIBLE_DEVICES';

/** Takes this rank's share of its host; called before TensorFlow is loaded. */
export async function takeShare({ local }: Pick<Communicator, 'local'>): Promise<void> {
  if (local.size === 1) return;
  shareCores(local.size);
  for (const name of threads) process.env[name] ??= String(ownCores());
  const gpu = gpuOf(local.rank, await visible());
  if (gpu !== undefined) process.env[visibleGpus] = gpu;
}

/** The GPU of a rank, by its number on its host: ranks take turns where there are fewer GPUs than ranks. */
export function gpuOf(rank: number, gpus: readonly string[]): string | undefined {
  return gpus.length === 0 ? undefined : gpus[rank % gpus.length];
}

/** The GPUs that this host's ranks may use, by their names for CUDA. */
async function visible(): Promise<readonly string[]> {
  const given = process.env[visibleGpus];
  if (given !== undefined) return given.split(',').filter((name) => name.trim() !== '');
  if (!hasGpu()) return [];
  const count = gpuNames().length || (await listGpus()).length;
  return Array.from({ length: count }, (_, at) => String(at));
}
