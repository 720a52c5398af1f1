/** Whether this process was started as one of several ranks, by what its environment says. */
import { writeSync } from 'node:fs';
import { alone, type Communicator } from '../../core/io/process/communicator';
import { ownCores, shareCores } from '../../core/io/process/own-cores';
import { UserError } from '../../core/errors';
import { gpuNames, hasGpu, listGpus } from '../gpu';
import { MpiCommunicator, type Patience } from './mpi-communicator';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * This process's rank; null if nothing started it as one. Open MPI's own mpirun says so, and any launcher that speaks
 * PMIx, such as `srun --mpi=pmix`.
 */
export function startedRank(environment: Environment): number | null {
  const { OMPI_COMM_WORLD_RANK: own, PMIX_RANK: pmix } = environment;
  const rank = own ?? pmix;
  return rank === undefined ? null : Number(rank);
}

/** @throws UserError for ranks of another MPI, which would not find each other: each would do all of the work */
export function expectNoOtherMpi(environment: Environment): void {
  const { PMI_RANK: other, PMI_SIZE: size } = environment;
  if (other === undefined || size === '1' || startedRank(environment) !== null) return;
  throw new UserError(
    'MPI: expected ranks that Open MPI’s mpirun or srun --mpi=pmix started, found ones of MPICH or of PMI-2 (PMI_RANK), whose functions are called otherwise',
  );
}

/** Whether it was started as one of several; how many srun started shows only when they meet. */
export function isOneOfSeveral(environment: Environment): boolean {
  return startedRank(environment) !== null && environment['OMPI_COMM_WORLD_SIZE'] !== '1';
}

export interface OpenCommunicatorOptions extends Patience {
  /** Called with one line when another rank is lost, before all are ended. Default: writes it to standard error. */
  readonly onLost?: ((line: string) => void) | undefined;
}

/** A communicator, and what leaves it. */
export interface OpenCommunicator extends Communicator {
  /** Leaves the job once all ranks do. Nothing may be called afterwards. */
  close(): Promise<void>;
  /** Ends all ranks at once, with an exit code; of a process that is alone, nothing. */
  abort(code: number): void;
}

const standardError = 2;

/**
 * The communicator of the job that this process was started in, by `mpirun` or the like; of a process that was started
 * alone, one that costs nothing. It is opened before TensorFlow is loaded, so that ranks of one host share its cores
 * and GPUs, and once in a process.
 * @throws UserError without Open MPI's library, or for ranks of another MPI
 */
export async function openCommunicator({
  onLost = (line) => void writeSync(standardError, `${line}\n`), // before MPI ends the process
  ...patience
}: OpenCommunicatorOptions = {}): Promise<OpenCommunicator> {
  expectNoOtherMpi(process.env);
  if (!isOneOfSeveral(process.env)) return { ...alone, close: async () => {}, abort: () => {} };
  const ranks = await MpiCommunicator.open(patience, onLost);
  await takeShare(ranks);
  return ranks;
}

/** TensorFlow reads these when it starts; what the user has set stays. */
const threads = ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS', 'OMP_NUM_THREADS'] as const;
const visibleGpus = 'CUDA_VISIBLE_DEVICES';

/** Takes this rank's share of its host; called before TensorFlow is loaded. */
async function takeShare({ local }: Pick<Communicator, 'local'>): Promise<void> {
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
