/** Compares the sizes of files, to check whether a set-up is still complete. */
import { statSync } from 'node:fs';
import { join } from 'node:path';

/** Sizes in bytes by path, relative to the folder in which they were measured. */
export type FileSizes = Readonly<Record<string, number>>;

/** The sizes of these files; symbolic links are followed. */
export function fileSizes(folder: string, paths: readonly string[]): FileSizes {
  const sizes: Record<string, number> = {};
  for (const path of paths) sizes[path] = statSync(join(folder, path)).size;
  return sizes;
}

/** Whether all the files still have their sizes: a cheap check for truncated or removed files. */
export function haveSizes(folder: string, sizes: FileSizes): boolean {
  return Object.entries(sizes).every(
    ([path, size]) => statSync(join(folder, path), { throwIfNoEntry: false })?.size === size,
  );
}
