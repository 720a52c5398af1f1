import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Starts a thread that runs `preparation-worker`, as compiled or from the sources. */
export function preparationThread(name: string): Worker {
  const file = join(__dirname, 'preparation-worker');
  if (!__filename.endsWith('.ts')) return new Worker(`${file}.js`, { name });
  // Node 20 takes no `--import tsx` for a thread; the loader for CommonJS alone also starts in half the time.
  const source = `require(${JSON.stringify(require.resolve('tsx/cjs'))});require(${JSON.stringify(`${file}.ts`)});`;
  return new Worker(source, { eval: true, name, execArgv: [] });
}
