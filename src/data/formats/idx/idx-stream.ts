/** Reads the bytes of one IDX file, the format of MNIST, as they come: from a disk, or from a file in a page. */
import { bounds, mostGunzipped } from '../../../core/bounds';
import { UserError } from '../../../core/errors';
import type { ImageShape } from '../../../core/network';
import { elementCount } from '../../../core/shape';
import { counted } from '../../../core/text/counted';

/** The largest size of a file after unpacking; a header that announces more is refused. */
const limit = bounds.idx.pixels;
const unsignedByte = 0x08;

/** What is known of a file before it is read. */
export interface FileFacts {
  readonly bytes: number;
  /** Recognised by the file's first bytes, not by its name. */
  readonly gzipped: boolean;
}

/** Whether a file is gzipped, by its first bytes. */
export function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

/** The images of a file: `pixels` holds `[images, height, width, 1]`, 0–255. */
export interface IdxImages {
  readonly images: number;
  readonly shape: ImageShape;
  readonly pixels: Uint8Array;
}

/** The bytes of a file, unpacked. */
export type Source = AsyncIterable<Uint8Array>;

/**
 * Reads images (three dimensions of unsigned bytes).
 * @param path names the file in messages
 * @throws UserError when it has another format, is truncated or has extra bytes at the end
 */
export async function idxImages(path: string, source: Source, facts: FileFacts): Promise<IdxImages> {
  const { sizes, body } = await readStream(path, source, ['images', 'rows', 'columns'], facts);
  const [images, height, width] = sizes as [number, number, number];
  return { images, shape: [height, width, 1], pixels: body };
}

/**
 * Reads labels (one dimension of unsigned bytes).
 * @throws UserError as `idxImages` does
 */
export async function idxLabels(path: string, source: Source, facts: FileFacts): Promise<Int32Array> {
  return Int32Array.from((await readStream(path, source, ['labels'], facts)).body);
}

interface Idx {
  readonly sizes: readonly number[];
  readonly body: Uint8Array;
}

/** Reads no more from the stream than the header announces, so that a small gzipped file cannot fill the memory. */
async function readStream(
  path: string,
  source: Source,
  dimensions: readonly string[],
  facts: FileFacts,
): Promise<Idx> {
  const headerBytes = 4 * (1 + dimensions.length);
  const header = new Uint8Array(headerBytes);
  let idx: Idx | undefined;
  let read = 0;
  for await (const chunk of source) {
    const forHeader = Math.min(chunk.length, Math.max(0, headerBytes - read));
    header.set(chunk.subarray(0, forHeader), Math.min(read, headerBytes));
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

/** The length of each dimension. */
function parseHeader(path: string, header: Uint8Array, dimensions: readonly string[]): readonly number[] {
  const expected = Uint8Array.of(0, 0, unsignedByte, dimensions.length);
  if (expected.some((byte, at) => header[at] !== byte)) {
    throw new UserError(
      `${path}: expected an IDX file of unsigned bytes by ${dimensions.join(', ')} (magic ${hex(expected)}), ` +
        `found magic ${hex(header.subarray(0, 4))}`,
    );
  }
  const view = new DataView(header.buffer);
  const sizes = dimensions.map((_, index) => view.getUint32(4 * (index + 1)));
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

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
