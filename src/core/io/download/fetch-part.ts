/** Continues a partly downloaded file from where it stopped. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { sizeOf } from './part-file';

/** A server's answer that will not change if it is asked again. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

export interface FetchPartOptions {
  /** The size of the whole file. */
  readonly bytes: number;
  /** How long a server may send nothing. */
  readonly stallMilliseconds: number;
  readonly signal?: AbortSignal | undefined;
  /** Default: Node's own `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** Is called with the number of bytes received so far. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Continues the file `part` with the URL's content until it has `bytes` bytes; starts again if the server cannot
 * continue. The bytes that have arrived stay in the file in every case.
 * @throws Refused when the server does not have the file or has one of another size; other errors when a retry may help
 */
export async function fetchPart(url: URL, part: string, options: FetchPartOptions): Promise<void> {
  const { fetch: web = fetch } = options;
  const stalled = new AbortController();
  const patience = setTimeout(
    () => stalled.abort(new Error(`sent nothing for ${options.stallMilliseconds / 1000} s`)),
    options.stallMilliseconds,
  );
  const signals = options.signal ? [stalled.signal, options.signal] : [stalled.signal];
  const file = await open(part, constants.O_RDWR | constants.O_CREAT);
  try {
    const have = await sizeOf(part);
    // Without this, fetch would decompress a .gz file if the server declares it as content encoding.
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (have > 0) headers['range'] = `bytes=${have}-`;
    const response = await web(url, { headers, signal: AbortSignal.any(signals) });
    try {
      const start = await startOf(response, have, file, options.bytes);
      patience.refresh();
      await receive(response, file, start, options, () => patience.refresh());
    } finally {
      await response.body?.cancel().catch(() => undefined);
    }
  } finally {
    clearTimeout(patience);
    await file.close();
  }
}

/** The offset in the file at which the body of the response begins; the file is truncated there. */
async function startOf(response: Response, have: number, file: FileHandle, bytes: number): Promise<number> {
  const status = `${response.status} ${response.statusText}`.trim();
  if (response.status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
    if (range && range[2] !== '*') expectSize(Number(range[2]), bytes);
    if (range && Number(range[1]) === have) return have;
    await file.truncate(0);
    throw new Error('sent another range than the one asked for');
  }
  if (response.status === 416) {
    await file.truncate(0);
    throw new Error(status);
  }
  if (!response.ok) {
    const passing = response.status >= 500 || response.status === 408 || response.status === 429;
    throw passing ? new Error(status) : new Refused(status);
  }
  const length = response.headers.get('content-length');
  if (length !== null) expectSize(Number(length), bytes);
  await file.truncate(0);
  return 0;
}

function expectSize(found: number, bytes: number): void {
  if (found !== bytes) throw new Refused(`expected ${bytes} bytes, found a file of ${found}`);
}

async function receive(
  response: Response,
  file: FileHandle,
  start: number,
  { bytes, onBytes }: FetchPartOptions,
  onChunk: () => void,
): Promise<void> {
  let position = start;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    onChunk();
    if (position + chunk.length > bytes) {
      await file.truncate(0);
      throw new Refused(`expected ${bytes} bytes, found more`);
    }
    const end = position + chunk.length;
    while (position < end) {
      position += (await file.write(chunk, chunk.length - (end - position), end - position, position))
        .bytesWritten;
    }
    onBytes?.(position);
  }
  if (position < bytes) throw new Error(`ended after ${position} of ${bytes} bytes`);
  await file.sync();
}
