/** The thread that reads and writes HDF5 files; `hdf5.ts` starts it, and ends it when it takes too long. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, UserError } from '../../../core/errors';
import { contentsOfHdf5, type Hdf5Contents } from './hdf5-contents';
import { encodeHdf5, type Hdf5Group } from './hdf5-encode';
import type { Hdf5Source } from './hdf5-source';

export type Hdf5Task =
  | {
      readonly kind: 'read';
      readonly source: Hdf5Source;
      readonly attributes: readonly string[];
      readonly where: string;
      /** The compressed size of the file, if it is part of an archive. */
      readonly packed: number;
      /** The maximum memory of the library, in bytes. */
      readonly mostMemory: number;
    }
  | { readonly kind: 'encode'; readonly root: Hdf5Group };

export type Hdf5Answer =
  | { readonly kind: 'contents'; readonly contents: Hdf5Contents }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** `ofTheFile`: whether the message is our own about the file, not an error raised in the library. */
  | { readonly kind: 'refused'; readonly message: string; readonly ofTheFile: boolean };

/** The part of the WebAssembly API through which a module's memory grows. */
interface GrowingMemory {
  readonly buffer: ArrayBuffer;
  grow(this: GrowingMemory, pages: number): number;
}

/** A damaged file may make the library allocate any amount of memory; with this limit the allocation fails. */
function limitMemory(most: number): void {
  const { WebAssembly: wasm } = globalThis as unknown as {
    readonly WebAssembly: { readonly Memory: { readonly prototype: GrowingMemory } };
  };
  const { prototype } = wasm.Memory;
  const { grow } = prototype;
  prototype.grow = function (pages) {
    if (this.buffer.byteLength + 65536 * pages > most) throw new RangeError('beyond the limit');
    return grow.call(this, pages);
  };
}

async function answer(task: Hdf5Task): Promise<Hdf5Answer> {
  try {
    switch (task.kind) {
      case 'read':
        limitMemory(task.mostMemory);
        return {
          kind: 'contents',
          contents: await contentsOfHdf5(task.source, task.attributes, task.where, task.packed),
        };
      case 'encode':
        // The library stores the creation time of each object; with a constant time, equal weights give equal files.
        Date.now = () => 0;
        return { kind: 'bytes', bytes: await encodeHdf5(task.root) };
    }
  } catch (error) {
    return { kind: 'refused', message: messageOf(error), ofTheFile: error instanceof UserError };
  }
}

function memoryOf(answer: Hdf5Answer): ArrayBuffer[] {
  switch (answer.kind) {
    case 'contents':
      return answer.contents.datasets.map(({ values }) => values.buffer as ArrayBuffer);
    case 'bytes':
      return [answer.bytes.buffer as ArrayBuffer];
    case 'refused':
      return [];
  }
}

void answer(workerData as Hdf5Task).then((given) => parentPort!.postMessage(given, memoryOf(given)));
