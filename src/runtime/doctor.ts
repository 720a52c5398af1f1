/** Finds out which hardware and backend this machine computes with, for `doctor`. */
import { availableParallelism, freemem, totalmem } from 'node:os';
import { backendNames, noGpu, useBackend, type PassedOver, type Runtime } from './backend';
import { messageOf } from '../core/errors';
import { cacheFolder, folderSize } from './cache';
import { cudaVersion, hasGpu, listGpus, type Gpu } from './gpu';
import { checkWebgpuKernels, type KernelCheck } from './webgpu/kernel-check';
import type { WebgpuAdapter, MissingAdapter } from './webgpu/adapter';
import { registerWebgpu } from './webgpu/start';
import { diagnoseMpi, type MpiDiagnosis } from './mpi/diagnose-mpi';
import { cpuFeatures, machine, wasmSupport, type Machine } from './machine';

/** The facts that help when something is slow or missing. */
export interface Diagnosis extends Omit<Machine, 'cpu' | 'cores' | 'wasmSimd'> {
  readonly cpu: { readonly model: string; readonly cores: number; readonly features: readonly string[] };
  readonly gpus: readonly Gpu[];
  /** The latest CUDA version that the driver supports. */
  readonly cuda: string | null;
  /** Worker threads: Node's count of usable cores, and TensorFlow's own settings if there are any. */
  readonly threads: {
    readonly available: number;
    readonly withinOps: string | null;
    readonly betweenOps: string | null;
  };
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number; readonly usedBytes: number };
  readonly wasm: { readonly simd: boolean; readonly threads: boolean };
  readonly webgpu: WebgpuDiagnosis;
  /** What several processes need. */
  readonly mpi: MpiDiagnosis;
  readonly cache: { readonly folder: string; readonly bytes: number };
  /** Every better backend, including those that this machine cannot use. */
  readonly passedOver: readonly PassedOver[];
}

/** The GPU that WebGPU finds, and how it computes; or why there is none. */
export type WebgpuDiagnosis =
  | { readonly adapter: WebgpuAdapter; readonly check: KernelCheck; readonly missing: null }
  | { readonly adapter: null; readonly check: null; readonly missing: MissingAdapter };

/**
 * Selects a backend like `useBackend`, and returns what it found.
 *
 * @throws UserError when `LINEAGE_BACKEND` names a backend that is not available
 */
export async function diagnose(): Promise<Diagnosis> {
  const runtime = await useBackend();
  const { cpu, cores, wasmSimd: _, ...facts } = machine(runtime);
  const folder = cacheFolder();
  return {
    ...facts,
    cpu: { model: cpu, cores, features: cpuFeatures() },
    gpus: await listGpus(),
    cuda: await cudaVersion(),
    threads: {
      available: availableParallelism(),
      withinOps: process.env.TF_NUM_INTRAOP_THREADS ?? null,
      betweenOps: process.env.TF_NUM_INTEROP_THREADS ?? null,
    },
    memory: { totalBytes: totalmem(), freeBytes: freemem(), usedBytes: process.memoryUsage.rss() },
    wasm: wasmSupport(),
    webgpu: await diagnoseWebgpu(),
    mpi: diagnoseMpi(),
    cache: { folder, bytes: await folderSize(folder) },
    passedOver: allPassedOver(runtime),
  };
}

async function diagnoseWebgpu(): Promise<WebgpuDiagnosis> {
  try {
    const adapter = await registerWebgpu();
    if ('why' in adapter) return { adapter: null, check: null, missing: adapter };
    return { adapter, check: await checkWebgpuKernels(), missing: null };
  } catch (error) {
    const why = `it cannot be started (${messageOf(error).split('\n', 1)[0]})`;
    return { adapter: null, check: null, missing: { why, fix: 'install the GPU’s newest driver' } };
  }
}

function allPassedOver(runtime: Runtime): PassedOver[] {
  const better = backendNames.slice(0, backendNames.indexOf(runtime.backend));
  return better.map((backend) => {
    const known = runtime.passedOver.find((passed) => passed.backend === backend);
    if (known) return known;
    if (backend === 'tensorflow-gpu' && !hasGpu()) return { backend, ...noGpu };
    const chosen = process.env.LINEAGE_BACKEND ?? runtime.backend;
    return { backend, why: `LINEAGE_BACKEND=${chosen} was chosen`, fix: 'unset LINEAGE_BACKEND' };
  });
}

/** The diagnosis as text for a terminal. */
export function diagnosisText(found: Diagnosis): string {
  const { cpu, memory, wasm, threads } = found;
  const gpus = found.gpus.map(
    ({ name, driver, memoryBytes }) => `${name}, ${gigabytes(memoryBytes)}, driver ${driver}`,
  );
  const threadSettings = [
    threads.withinOps && `TF_NUM_INTRAOP_THREADS=${threads.withinOps}`,
    threads.betweenOps && `TF_NUM_INTEROP_THREADS=${threads.betweenOps}`,
  ].filter(Boolean);
  const lines: readonly (readonly [name: string, value: string])[] = [
    ['backend', found.backend],
    ['tensorflow', found.tensorflow ?? 'not in use'],
    ['tfjs', found.tfjs],
    ['node', found.node],
    ['platform', found.platform],
    ['cpu', `${cpu.model}, ${cpu.cores} ${cpu.cores === 1 ? 'core' : 'cores'}`],
    ['features', cpu.features.join(' ') || 'not known'],
    ['gpu', gpus.join('; ') || 'none'],
    ['cuda', found.cuda ?? 'none'],
    ['threads', [`${threads.available}`, ...threadSettings].join(', ')],
    ['memory', `${gigabytes(memory.totalBytes)}, ${gigabytes(memory.freeBytes)} free`],
    ['wasm', [wasm.simd ? 'SIMD' : 'no SIMD', wasm.threads ? 'threads' : 'no threads'].join(', ')],
    ['webgpu', webgpuText(found.webgpu)],
    ['mpi', mpiText(found.mpi)],
    ['cache', `${found.cache.folder} (${gigabytes(found.cache.bytes)})`],
  ];
  const better = found.passedOver.map(
    ({ backend, why, fix }) => `not ${backend}: ${why}\n  to mend it: ${fix}`,
  );
  return [...lines.map(([name, value]) => `${name.padEnd(12)}${value}`), ...better].join('\n');
}

function webgpuText({ adapter, check, missing }: WebgpuDiagnosis): string {
  if (missing) return `none: ${missing.why}; to mend it: ${missing.fix}`;
  const { description, vendor, architecture, software } = adapter;
  const { worst, kernels, tolerance, agrees } = check;
  const largest = worst.error === null ? 'not a number' : worst.error.toExponential(1);
  return [
    `${description} (${vendor}, ${architecture})`,
    software ? 'a program on the processor, which is slower than wasm' : 'a GPU',
    `${kernels.length} kernels checked against cpu, largest error ${largest} in the ${worst.kernel} (at most ${tolerance})`,
    agrees
      ? '--backend webgpu computes on it'
      : 'its results are wrong: use another backend, or a newer driver',
  ].join('; ');
}

function mpiText({ library, mpirun, missing }: MpiDiagnosis): string {
  if (missing === null) return `${library}; ${mpirun}: --ranks shares work out`;
  return `${library === null ? 'none' : library}: ${missing}`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
