/** Preloaded into a command: records in the file OBSERVED how many threads it started and which backend it used. */
import { writeFileSync } from 'node:fs';
import threads from 'node:worker_threads';

interface Engine {
  readonly _tfengine?: { readonly backendName?: string };
}

const file = process.env['OBSERVED'];
if (file !== undefined && threads.isMainThread) {
  let started = 0;
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      // Not those of the compiler, which begins one when a source file was not compiled before.
      if (/[\\/]esbuild[\\/]/.test(String(given[0]))) return;
      started++;
    }
  };
  process.on('exit', () => {
    const backend = (globalThis as Engine)._tfengine?.backendName ?? null;
    writeFileSync(file, JSON.stringify({ threads: started, backend }));
  });
}
