/** Sizes of files, to see whether a set-up is still complete. */
import { statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes by path, relative to the folder they were taken in. */
export type FileSizes = Readonly<Record<string, number>>;

/** The sizes of these files, links followed. */
export function fileSizes(folder: string, paths: readonly string[]): FileSizes {
  const sizes: Record<string, number> = {};
  for (const path of paths) sizes[path] = statSync(join(folder, path)).size;
  return sizes;
}

/** Whether all the files are still there in their sizes: tells what was cut short or removed, at no cost. */
export function haveSizes(folder: string, sizes: FileSizes): boolean {
  return Object.entries(sizes).every(
    ([path, size]) => statSync(join(folder, path), { throwIfNoEntry: false })?.size === size,
  );
}
