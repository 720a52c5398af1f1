/** Downloads well-known weight files and checks them. */
import { option } from '../../core/text/wording';
import { join } from 'node:path';
import { UserError, messageOf } from '../../core/errors';
import type { PublishedWeights } from '../../core/network';
import { folderUrl, type DownloadOptions } from '../../data/datasets/download';
import {
  digestOf,
  fetchFile,
  isComplete,
  isFileSystemError,
  type WantedFile,
} from '../../core/io/download/fetch-file';
import { sizeOf } from '../../core/io/download/part-file';
import { makeFolder } from '../../core/io/files';

export interface DownloadWeightsOptions extends DownloadOptions {
  /** What to do where no server gives the file. Default: to name another server, or to import the file. */
  readonly otherwise?: string | undefined;
}

/** A well-known file of weights that was downloaded. */
export interface DownloadedWeights {
  readonly path: string;
  readonly bytes: number;
  /** False if the file already existed, complete and correct. */
  readonly fetched: boolean;
}

/**
 * Downloads a well-known weight file into the folder `weights` of the data root, and checks it against its published
 * checksum. A file that already exists is only checked. An interrupted download resumes where it stopped. If no
 * checksum is published, the size reported by the server is checked instead.
 * @throws UserError when no server provides the file (with each one's reason), the folder cannot be written, or
 *   `signal` ends the download
 */
export async function downloadWeights(
  { file, url, checksum }: PublishedWeights,
  options: DownloadWeightsOptions,
): Promise<DownloadedWeights> {
  const folder = join(options.root, 'weights');
  const path = join(folder, file);
  const mirrors = (options.mirrors ?? []).map((mirror) => new URL(file, folderUrl(mirror)));
  const urls = mirrors.length > 0 ? mirrors : [new URL(url)];
  try {
    const bytes = await sizeOf(path);
    if (bytes > 0 && checksum && (await isComplete(path, { name: file, bytes, checksum })))
      return { path, bytes, fetched: false };
    await makeFolder(folder);
    return await fetchFirst(urls, path, { name: file, checksum }, options);
  } catch (thrown) {
    if (options.signal?.aborted)
      throw new UserError(`${file}: interrupted; the next download continues with what has arrived`);
    if (isFileSystemError(thrown)) throw new UserError(`${folder}: cannot be used: ${messageOf(thrown)}`);
    throw thrown;
  }
}

/** Asks each server for the file's size, which is not published, and then for the file. */
async function fetchFirst(
  urls: readonly URL[],
  path: string,
  file: Omit<WantedFile, 'bytes'>,
  options: DownloadWeightsOptions,
): Promise<DownloadedWeights> {
  const reasons: string[] = [];
  for (const url of urls) {
    const bytes = await sizeAt(url, options);
    if (typeof bytes === 'string') {
      reasons.push(`${url.href}: ${bytes}`);
      continue;
    }
    const wanted = { ...file, bytes };
    if (await isComplete(path, wanted)) return { path, bytes, fetched: false };
    const failures = await fetchFile(wanted, path, { ...options, urls: [url] });
    if (failures.length === 0) return { path, bytes, fetched: true };
    reasons.push(...failures);
  }
  const { otherwise = `name another with ${option('mirror')}, or import the file from where you have it` } =
    options;
  throw new UserError(
    `${file.name}: no server gave it (${reasons.join('; ')}); try again later, ${otherwise}`,
  );
}

/** The size in bytes that a server reports for the file, or why it reports none. */
async function sizeAt(
  url: URL,
  { signal, stallMilliseconds = 30_000, fetch: web = fetch }: DownloadOptions,
): Promise<number | string> {
  const patience = AbortSignal.timeout(stallMilliseconds);
  try {
    const response = await web(url, {
      headers: { 'accept-encoding': 'identity' },
      signal: signal ? AbortSignal.any([patience, signal]) : patience,
    });
    await response.body?.cancel();
    if (!response.ok) return `${response.status} ${response.statusText}`.trim();
    const length = Number(response.headers.get('content-length') ?? 0);
    return length > 0 ? length : 'did not say how large the file is';
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof UserError) throw error;
    const { cause } = error as { readonly cause?: unknown };
    return messageOf(cause ?? error);
  }
}

/** Identifies a file among some well-known files by its checksum, regardless of its name. */
export async function knownAs(
  path: string,
  published: readonly PublishedWeights[],
): Promise<PublishedWeights | undefined> {
  for (const known of published) {
    const { checksum } = known;
    if (checksum && (await digestOf(path, checksum.kind)).startsWith(checksum.begins)) return known;
  }
  return undefined;
}
