/** Downloads the published files of a data set and checks each against its checksum. */
import { option } from '../../core/text/wording';
import { join } from 'node:path';
import { UserError, messageOf } from '../../core/errors';
import { datasets, type DatasetName, type Download, type PublishedFile } from './catalogue';
import {
  fetchFile,
  isComplete,
  isFileSystemError,
  type FetchFileOptions,
  type WantedFile,
} from '../../core/io/download/fetch-file';
import { makeFolder } from '../../core/io/files';

/** Where a data set is downloaded to, and how. */
export interface DownloadOptions extends Omit<FetchFileOptions, 'urls'> {
  /** The data root; the files go to the data set's folder in it. */
  readonly root: string;
  /** Used in place of the published mirrors: folders on the web that hold the files. */
  readonly mirrors?: readonly string[] | undefined;
}

/** What a download did. */
export interface Downloaded {
  readonly dataset: string;
  readonly folder: string;
  readonly files: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly md5: string;
    /** False for a file that was already there, complete and correct. */
    readonly fetched: boolean;
  }[];
}

/**
 * Downloads a data set's published files into `root` and checks each against its published size and checksum; files
 * that are already there are only checked. An interrupted download continues where it stopped. It uses `fetch`, which
 * behind a proxy needs Node 22.21 or 24 and later with `NODE_USE_ENV_PROXY=1`.
 * @throws UserError when no mirror gives a file (with each one's reason), the folder cannot be written, or `signal`
 *   ends the download
 */
export function downloadDataset(name: DatasetName, options: DownloadOptions): Promise<Downloaded> {
  const { download } = datasets[name];
  if (!download) throw new RangeError(`expected a data set that can be downloaded, found ${name}`);
  return downloadFiles({ name, ...download }, options);
}

/** What is downloaded, and the name of its folder below the data root. */
export interface NamedDownload extends Download {
  readonly name: string;
}

/** As `downloadDataset`, for any list of files. */
export async function downloadFiles(entry: NamedDownload, options: DownloadOptions): Promise<Downloaded> {
  const folder = join(options.root, entry.name);
  const mirrors = (options.mirrors?.length ? options.mirrors : entry.mirrors).map(folderUrl);
  try {
    const files: Downloaded['files'][number][] = [];
    for (const file of entry.files) {
      const path = join(folder, file.name);
      const wanted = wantedFile(file);
      const fetched = !(await isComplete(path, wanted));
      if (fetched) {
        await makeFolder(folder);
        const urls = mirrors.map((mirror) => new URL(file.name, mirror));
        const reasons = await fetchFile(wanted, path, { ...options, urls });
        if (reasons.length > 0) throw unreachable(entry, file.name, folder, reasons);
      }
      files.push({ ...file, fetched });
    }
    return { dataset: entry.name, folder, files };
  } catch (thrown) {
    if (options.signal?.aborted) {
      throw new UserError(`${entry.name}: interrupted; the next download continues with what has arrived`);
    }
    if (isFileSystemError(thrown)) throw new UserError(`${folder}: cannot be used: ${messageOf(thrown)}`);
    throw thrown;
  }
}

function wantedFile({ name, bytes, md5 }: PublishedFile): WantedFile {
  return { name, bytes, checksum: { kind: 'md5', begins: md5 } };
}

function unreachable(
  entry: NamedDownload,
  file: string,
  folder: string,
  reasons: readonly string[],
): UserError {
  const names = entry.files.map(({ name }) => name).join(', ');
  return new UserError(
    `${entry.name}: no mirror gave ${file} (${reasons.join('; ')}); try again later, name another with ${option('mirror')}, ` +
      `or put ${names} into ${folder} by hand`,
  );
}

/**
 * The URL of a mirror, ending in a slash so that file names can be joined to it.
 * @throws UserError when it is not a valid URL
 */
export function folderUrl(mirror: string): URL {
  const url = URL.canParse(mirror) ? new URL(mirror) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new UserError(`expected a mirror such as https://example.org/mnist/, found "${mirror}"`);
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}
