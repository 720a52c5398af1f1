/** Starts threads that run a module of this project, compiled or from source. */
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a thread.
 * @param module the file's absolute path, without its extension
 */
export function startThread(module: string, options: WorkerOptions): Worker {
  if (!__filename.endsWith('.ts')) return new Worker(`${module}.js`, options);
  // Node 20 supports no `--import tsx` for threads; the loader for CommonJS alone also starts in half the time.
  const source = `require(${JSON.stringify(require.resolve('tsx/cjs'))});require(${JSON.stringify(`${module}.ts`)});`;
  return new Worker(source, { ...options, eval: true, execArgv: [] });
}
