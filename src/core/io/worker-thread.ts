/** Threads that run a module of this project, as compiled or from the sources. */
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts one.
 * @param module the file's absolute path, without its ending
 */
export function startThread(module: string, options: WorkerOptions): Worker {
  if (!__filename.endsWith('.ts')) return new Worker(`${module}.js`, options);
  // Node 20 takes no `--import tsx` for a thread; the loader for CommonJS alone also starts in half the time.
  const source = `require(${JSON.stringify(require.resolve('tsx/cjs'))});require(${JSON.stringify(`${module}.ts`)});`;
  return new Worker(source, { ...options, eval: true, execArgv: [] });
}
