/** Loads the HDF5 library and gives it the file to read. */
import { readSync } from 'node:fs';
import type * as h5wasm from 'h5wasm' with { 'resolution-mode': 'import' };

/** The HDF Group's library once it is loaded. */
export type Hdf5Module = Awaited<typeof h5wasm.ready>;

/** A file in memory, or an open one. */
export type Hdf5Source =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly descriptor: number; readonly size: number };

export function sizeOf(source: Hdf5Source): number {
  return source.kind === 'bytes' ? source.bytes.length : source.size;
}

interface FileNode {
  usedBytes: number;
  stream_ops: {
    read(stream: unknown, heap: Int8Array, to: number, length: number, position: number): number;
  };
}

let files = 0;

/** Adds a file to the module's file system, whose bytes are read on demand; returns its path there. */
export function placeFile(module: Hdf5Module, source: Hdf5Source): string {
  const path = `/file${files++}`;
  module.FS.writeFile(path, new Uint8Array());
  const node = module.FS.lookupPath(path, {}).node as unknown as FileNode;
  const size = sizeOf(source);
  node.usedBytes = size;
  node.stream_ops = {
    ...node.stream_ops,
    read: (_stream, heap, to, length, position) => {
      const count = Math.max(0, Math.min(length, size - position));
      if (count === 0) return 0;
      if (source.kind === 'file') return readSync(source.descriptor, heap, to, count, position);
      heap.set(source.bytes.subarray(position, position + count), to);
      return count;
    },
  };
  return path;
}
