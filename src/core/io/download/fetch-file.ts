/** Downloads a file from the first of several servers that has it, and checks that it arrived whole. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError, codeOf, messageOf } from '../../errors';
import type { Checksum } from '../../network';
import { Refused, fetchPart } from './fetch-part';
import { claimPart, finishPart, releasePart, sizeOf } from './part-file';

/** A file on the web, and how to check that it has arrived whole. */
export interface WantedFile {
  readonly name: string;
  readonly bytes: number;
  /** Undefined if nobody publishes a checksum: then only the size is checked. */
  readonly checksum: Checksum | undefined;
}

export interface FetchFileOptions {
  /** The file's addresses, tried in order. */
  readonly urls: readonly URL[];
  readonly signal?: AbortSignal | undefined;
  /** Replaces Node's own `fetch`, for example to use a proxy. */
  readonly fetch?: typeof fetch | undefined;
  /** Is told of the download, one line at a time. */
  readonly onProgress?: ((line: string) => void) | undefined;
  /** How long a server may send nothing; default 30 s. */
  readonly stallMilliseconds?: number | undefined;
  /** The pause before asking the same server again, doubled each time; default 1 s. */
  readonly retryMilliseconds?: number | undefined;
}

/** The number of consecutive attempts at one server without new data. */
const patience = 3;

/** Whether the file exists with its published size and checksum. */
export async function isComplete(path: string, { bytes, checksum }: WantedFile): Promise<boolean> {
  if ((await sizeOf(path)) !== bytes) return false;
  return checksum === undefined || (await digestOf(path, checksum.kind)).startsWith(checksum.begins);
}

/**
 * Downloads a published file to `destination`, continuing from the `.part` file of an interrupted download. The file
 * appears there only when it is whole and its checksum is right.
 * @returns the reason why each of the URLs failed; undefined when the file has been downloaded
 * @throws the signal's reason, and errors of the file system
 */
export async function fetchFile(
  file: WantedFile,
  destination: string,
  options: FetchFileOptions,
): Promise<readonly string[]> {
  const part = await claimPart(destination);
  const reasons: string[] = [];
  try {
    for (const url of options.urls) {
      const reason = await fetchFrom(url, file, part, destination, options);
      if (reason === undefined) return [];
      reasons.push(`${url.href}: ${reason}`);
      options.onProgress?.(`${file.name}: ${url.host}: ${reason}`);
    }
    return reasons;
  } finally {
    await releasePart(part, destination);
  }
}

/** Asks one server as long as the download makes progress. Returns the reason for a failure, otherwise undefined. */
async function fetchFrom(
  url: URL,
  file: WantedFile,
  part: string,
  destination: string,
  options: FetchFileOptions,
): Promise<string | undefined> {
  const { stallMilliseconds = 30_000, retryMilliseconds = 1000, signal } = options;
  let furthest = await sizeOf(part);
  for (let failures = 0; ;) {
    if (await isComplete(destination, file)) return undefined;
    const before = await sizeOf(part);
    try {
      if (before !== file.bytes) {
        const onBytes = progressOf(file, url, before, options.onProgress);
        await fetchPart(url, part, {
          bytes: file.bytes,
          stallMilliseconds,
          signal,
          fetch: options.fetch,
          onBytes,
        });
      }
      if (await isComplete(part, file)) {
        await finishPart(part, destination);
        return undefined;
      }
      const found = file.checksum && (await digestOf(part, file.checksum.kind));
      await rm(part, { force: true });
      furthest = file.bytes;
      // The beginning may be from another server and wrong: then this one gets a chance to send the whole file.
      if (before === 0) return `expected the checksum ${file.checksum?.begins}, found ${found}`;
    } catch (thrown) {
      signal?.throwIfAborted();
      if (isFileSystemError(thrown) || thrown instanceof UserError) throw thrown;
      if (thrown instanceof Refused) return thrown.message;
      const reached = await sizeOf(part);
      failures = reached > furthest ? 0 : failures + 1;
      furthest = Math.max(furthest, reached);
      if (failures === patience) return reasonOf(thrown);
      options.onProgress?.(`${file.name}: ${url.host}: ${reasonOf(thrown)}; trying again`);
      await delay(retryMilliseconds * 2 ** failures, undefined, signal ? { signal } : {});
    }
  }
}

/** Reports the start of a download and, for a slow one, every tenth of the file. */
function progressOf(
  file: WantedFile,
  url: URL,
  start: number,
  onProgress: ((line: string) => void) | undefined,
): (bytes: number) => void {
  const total = megabytes(file.bytes);
  onProgress?.(
    `${file.name}: ${total} from ${url.host}${start > 0 ? `, of which ${megabytes(start)} are here` : ''}`,
  );
  let tenths = Math.floor((10 * start) / file.bytes);
  return (bytes) => {
    const now = Math.floor((10 * bytes) / file.bytes);
    if (now === tenths) return;
    tenths = now;
    if (file.bytes >= 1_000_000 && now < 10) onProgress?.(`${file.name}: ${megabytes(bytes)} of ${total}`);
  };
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e5 ? 3 : 1)} MB`;

/** The digest in hexadecimal. */
export async function digestOf(path: string, kind: Checksum['kind']): Promise<string> {
  const hash = createHash(kind);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Whether the disk is at fault; a part file that another download has claimed is not such an error. */
export function isFileSystemError(thrown: unknown): boolean {
  const { syscall } = (thrown ?? {}) as { readonly syscall?: unknown };
  return typeof syscall === 'string' && codeOf(thrown) !== 'ENOENT';
}

/** The reason for a failure: `fetch` keeps it in the cause of its error. */
function reasonOf(thrown: unknown): string {
  const cause = (thrown as { readonly cause?: unknown } | null)?.cause;
  return cause ? messageOf(cause) || (codeOf(cause) ?? 'failed') : messageOf(thrown);
}
