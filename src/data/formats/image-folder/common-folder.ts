/** Where images lie, all of them taken together. */
import { dirname, resolve, sep } from 'node:path';
import type { ImageFile } from '../../dataset';

/** The deepest folder that contains all files, with a separator at the end; empty if there is none. */
export function commonFolder(files: readonly ImageFile[]): string {
  let common: string | undefined;
  for (const { file } of files) {
    const folder = `${dirname(resolve(file))}${sep}`;
    common ??= folder;
    while (!folder.startsWith(common)) common = `${dirname(common)}${sep}`.replace(`${sep}${sep}`, sep);
  }
  return common ?? '';
}
