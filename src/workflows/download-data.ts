/** Downloads a published data set into the data root. */
import { webFetch } from '../core/io/download/web-fetch';
import { downloadDataset, type Downloaded } from '../data/datasets/download';
import type { DatasetName } from '../data/datasets/catalogue';
import { dataRoot } from '../data/open';
import { environment } from '../runtime/machine';

export interface DownloadDataOptions {
  /** The data root. Default: `LINEAGE_DATA`, else the user's own. */
  readonly root?: string | undefined;
  /** Folders on the web to ask instead of the known ones. */
  readonly mirror?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of the download, one line at a time. */
  readonly onProgress?: ((event: { readonly kind: 'remark'; readonly line: string }) => void) | undefined;
}

/**
 * Downloads a data set and checks its files, continuing where an interrupted download stopped.
 * @throws UserError when no mirror gives a file, or the folder cannot be written
 */
export function downloadData(
  name: DatasetName,
  { root, mirror, signal, onProgress }: DownloadDataOptions = {},
): Promise<Downloaded> {
  return downloadDataset(name, {
    root: dataRoot(environment(), root),
    mirrors: mirror,
    ...(signal && { signal }),
    fetch: webFetch(environment()),
    onProgress: (line) => onProgress?.({ kind: 'remark', line }),
  });
}
