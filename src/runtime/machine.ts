/** The machine that computes: its processor, its GPU and their features. */
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, release, totalmem } from 'node:os';
import type { BackendName, Runtime } from './backend';
import { gpuNames } from './gpu';
import { tfjsVersion } from './native/node-package';

/** The facts besides the recipe that affect a run's results; recorded with every run. */
export interface Machine {
  readonly cpu: string;
  /** Cores that this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** The operating system, its release, and the processor's architecture. */
  readonly platform: string;
  readonly node: string;
  readonly tfjs: string;
  readonly backend: BackendName;
  readonly tensorflow: string | null;
  /** The GPU that computes, if there is one and its driver reports it. */
  readonly gpu?: string;
  /** The processes that share the work, if there are several; the other facts are those of the first. */
  readonly ranks?: number;
  /** Whether WebAssembly supports vector instructions here. */
  readonly wasmSimd: boolean;
}

/** The facts about this machine and the backend. */
export function machine(runtime: Runtime): Machine {
  const gpu = runtime.backend === 'tensorflow-gpu' ? gpuNames()[0] : runtime.adapter?.description;
  return {
    cpu: cpuModel(),
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: `${process.platform} ${release()} ${arch()}`,
    node: process.version,
    tfjs: tfjsVersion,
    backend: runtime.backend,
    tensorflow: runtime.tensorflow,
    ...(gpu !== undefined && { gpu }),
    wasmSimd: wasmSupport().simd,
  };
}

export function cpuModel(): string {
  return cpus()[0]?.model.trim() || arch();
}

/** Instruction sets that determine how fast TensorFlow is, by their names in Linux's `/proc/cpuinfo`. */
const instructionSets =
  /^(sse4_2|avx|avx2|fma|avx512f|avx512_vnni|avx512_bf16|avx512_fp16|avx_vnni|amx_\w+|asimd|asimddp|bf16|i8mm|sve2?)$/;

/** Those of them that this processor supports; empty outside Linux. */
export function cpuFeatures(): string[] {
  let text: string;
  try {
    text = readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return [];
  }
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1] ?? '';
  return [...new Set(flags.trim().split(/\s+/))].filter((flag) => instructionSets.test(flag)).sort();
}

/** The smallest modules that use one feature each: a vector splat, and an atomic load from shared memory. */
const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const simdModule = [
  ...[...header, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0],
  ...[0x0a, 0x0a, 1, 8, 0, 0x41, 0, 0xfd, 0x0f, 0xfd, 0x62, 0x0b],
];
const threadsModule = [
  ...[...header, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 5, 4, 1, 3, 1, 1],
  ...[0x0a, 0x0b, 1, 9, 0, 0x41, 0, 0xfe, 0x10, 2, 0, 0x1a, 0x0b],
];

// Node's own types leave the declaration of this global to the browser types.
const { WebAssembly } = globalThis as unknown as { WebAssembly: { validate(module: Uint8Array): boolean } };

/** The features that this Node's WebAssembly supports. */
export function wasmSupport(): { simd: boolean; threads: boolean } {
  return {
    simd: WebAssembly.validate(Uint8Array.from(simdModule)),
    threads: WebAssembly.validate(Uint8Array.from(threadsModule)),
  };
}

/** The environment variables of this process. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** The most memory that this process has taken so far. */
export function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024; // in kilobytes
}

/** The processor time that all threads of this process have taken so far. */
export function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
