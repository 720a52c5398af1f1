/** Reads one IDX file, plain or gzipped, the format of MNIST. */
import { elementCount } from '../../../core/shape';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import type { Readable } from 'node:stream';
import { bounds, mostGunzipped } from '../../../core/bounds';
import { counted } from '../../../core/text/counted';
import { UserError, codeOf, messageOf } from '../../../core/errors';
import type { ImageShape } from '../../../core/network';

/** The largest size of a file after unpacking; a header that announces more is refused. */
const limit = bounds.idx.pixels;
const unsignedByte = 0x08;

/**
 * Reads a file of images in the IDX format of MNIST (three dimensions of unsigned bytes), plain or gzipped.
 * @returns the pixels `[images, height, width, 1]`, 0–255
 * @throws UserError when the file cannot be read, has another format, is truncated or has extra bytes at the end
 */
export async function readIdxImages(
  path: string,
): Promise<{ readonly images: number; readonly shape: ImageShape; readonly pixels: Uint8Array }> {
  const { sizes, body } = await readIdx(path, ['images', 'rows', 'columns']);
  const [images, height, width] = sizes as [number, number, number];
  return { images, shape: [height, width, 1], pixels: body };
}

/**
 * Reads a file of labels in the IDX format of MNIST (one dimension of unsigned bytes), plain or gzipped.
 * @throws UserError as `readIdxImages` does
 */
export async function readIdxLabels(path: string): Promise<Int32Array> {
  return Int32Array.from((await readIdx(path, ['labels'])).body);
}

/** Reads an IDX file of unsigned bytes that has the given dimensions, each at least 1 long. */
async function readIdx(path: string, dimensions: readonly string[]): Promise<Idx> {
  try {
    const facts = await inspect(path);
    const file = createReadStream(path);
    const source: Readable = facts.gzipped ? file.pipe(createGunzip()) : file;
    file.once('error', (error) => source.destroy(error));
    try {
      return await readStream(path, source, dimensions, facts);
    } finally {
      file.destroy();
    }
  } catch (error) {
    throw explained(path, error);
  }
}

interface Idx {
  readonly sizes: readonly number[];
  readonly body: Uint8Array;
}

/** Reads no more from the stream than the header announces, so that a small gzipped file cannot fill the memory. */
async function readStream(
  path: string,
  source: AsyncIterable<Buffer>,
  dimensions: readonly string[],
  facts: FileFacts,
): Promise<Idx> {
  const headerBytes = 4 * (1 + dimensions.length);
  const header = Buffer.alloc(headerBytes);
  let idx: Idx | undefined;
  let read = 0;
  for await (const chunk of source) {
    const forHeader = Math.min(chunk.length, Math.max(0, headerBytes - read));
    chunk.copy(header, read, 0, forHeader);
    const place = Math.max(0, read - headerBytes);
    read += chunk.length;
    if (read < headerBytes) continue;
    if (!idx) {
      const sizes = parseHeader(path, header, dimensions);
      idx = { sizes, body: bodyFor(path, sizes, headerBytes, facts) };
    }
    if (read > headerBytes + idx.body.length) {
      throw new UserError(`${path}: expected ${announced(idx.sizes, headerBytes)}, found more after them`);
    }
    idx.body.set(chunk.subarray(forHeader), place);
  }
  if (!idx) {
    throw new UserError(
      `${path}: expected an IDX header of ${headerBytes} bytes, found ${counted(read, 'byte')} in all`,
    );
  }
  if (read < headerBytes + idx.body.length) throw truncated(path, idx.sizes, headerBytes, read);
  return idx;
}

interface FileFacts {
  readonly bytes: number;
  /** Recognised by the file's first bytes, not by its name. */
  readonly gzipped: boolean;
}

async function inspect(path: string): Promise<FileFacts> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return { bytes: size, gzipped: bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b };
  } finally {
    await file.close();
  }
}

/** The length of each dimension. */
function parseHeader(path: string, header: Buffer, dimensions: readonly string[]): readonly number[] {
  const expected = Buffer.from([0, 0, unsignedByte, dimensions.length]);
  if (!header.subarray(0, 4).equals(expected)) {
    throw new UserError(
      `${path}: expected an IDX file of unsigned bytes by ${dimensions.join(', ')} (magic ${hex(expected)}), ` +
        `found magic ${hex(header.subarray(0, 4))}`,
    );
  }
  const sizes = dimensions.map((_, index) => header.readUInt32BE(4 * (index + 1)));
  const empty = sizes.indexOf(0);
  if (empty >= 0) throw new UserError(`${path}: expected at least 1 of ${dimensions[empty]}, found 0`);
  return sizes;
}

/** Allocates room for the data that the header announces, after checking that the file can hold them. */
function bodyFor(path: string, sizes: readonly number[], headerBytes: number, file: FileFacts): Uint8Array {
  const bytes = elementCount(sizes);
  if (!file.gzipped && headerBytes + bytes > file.bytes)
    throw truncated(path, sizes, headerBytes, file.bytes);
  if (file.gzipped && headerBytes + bytes > mostGunzipped(file.bytes)) {
    const found = `a gzip file of ${file.bytes}, which cannot hold them`;
    throw new UserError(`${path}: expected ${announced(sizes, headerBytes)}, found ${found}`);
  }
  if (bytes > limit) {
    throw new UserError(
      `${path}: expected at most ${limit} bytes of data, found a header that announces ${bytes}`,
    );
  }
  return new Uint8Array(bytes);
}

function truncated(path: string, sizes: readonly number[], headerBytes: number, found: number): UserError {
  return new UserError(`${path}: expected ${announced(sizes, headerBytes)}, found ${found}: truncated`);
}

function announced(sizes: readonly number[], headerBytes: number): string {
  return `${headerBytes + elementCount(sizes)} bytes (${sizes.join('x')} and a header of ${headerBytes})`;
}

const hex = (bytes: Buffer) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** The error to show the user when reading or unpacking failed. */
function explained(path: string, error: unknown): unknown {
  const code = codeOf(error);
  if (error instanceof UserError || code === undefined) return error;
  if (code === 'Z_BUF_ERROR')
    return new UserError(`${path}: expected a whole gzip file, found its end too early: truncated`);
  if (code.startsWith('Z_'))
    return new UserError(`${path}: expected a sound gzip file, found ${messageOf(error)}`);
  return new UserError(`${path}: cannot be read: ${messageOf(error)}`);
}
