/** The command `doctor`: tells which backend is used here, and why no better one is. */
import { diagnose, type Diagnosis } from '../../src/runtime/doctor';
import { jsonOption, print, type Command } from '../cli/output';

export const doctor: Command<{ json: boolean }> = {
  command: 'doctor',
  describe: 'what computes here, why nothing better does, and what would mend it',
  builder: (argv) => jsonOption(argv),
  async handler({ json }) {
    const diagnosis = await diagnose();
    print(json, diagnosis, text(diagnosis));
  },
};

function text(found: Diagnosis): string {
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
    ['cache', `${found.cache.folder} (${gigabytes(found.cache.bytes)})`],
  ];
  const better = found.passedOver.map(
    ({ backend, why, fix }) => `not ${backend}: ${why}\n  to mend it: ${fix}`,
  );
  return [...lines.map(([name, value]) => `${name.padEnd(12)}${value}`), ...better].join('\n');
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
