import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { UserError } from '../errors';
import { catalogue } from './catalogue';
import type { DownloadableName } from './catalogue';
import { dataRoot } from './data-root';
import type { Splits } from './dataset';
import { drawDigits } from './digits';
import { downloadDataset } from './download';
import { hasIdx, openIdx } from './idx-folder';

/** The data sets that have a name; any other is given as a folder of IDX files. */
export const dataNames: readonly string[] = ['digits', ...Object.keys(catalogue)];

export interface OpenOptions {
  /** The data root; by default the user's own, `dataRoot()`. */
  readonly root?: string | undefined;
  /** The run's seed: what a program draws, it draws from this. */
  readonly seed: number;
  /** Told what a download does. */
  readonly onProgress?: ((line: string) => void) | undefined;
}

/**
 * Opens a data set: `digits`, which the program draws itself, `mnist` or `fashion-mnist`, downloaded into the data
 * root when they are not there, or the path of a folder of IDX files.
 * @throws UserError when the name means nothing, or files are damaged, do not fit or cannot be downloaded
 */
export async function openData(name: string, options: OpenOptions): Promise<Splits> {
  if (name === 'digits') return drawDigits({ seed: options.seed });
  if (isDownloadable(name)) {
    const root = options.root ?? dataRoot();
    const folder = join(root, name);
    if (!(await hasIdx(folder))) await downloadDataset(name, { root, onProgress: options.onProgress });
    return openIdx(folder, name);
  }
  const found = await stat(name).catch(() => undefined);
  if (found?.isDirectory()) return openIdx(name, basename(resolve(name)));
  throw new UserError(
    `unknown data "${name}": expected ${dataNames.join(', ')} or a folder of IDX files, ` +
      (found ? 'found a file of that name' : 'found no folder of that name'),
  );
}

function isDownloadable(name: string): name is DownloadableName {
  return Object.hasOwn(catalogue, name);
}
