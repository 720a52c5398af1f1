/** The bytes of stored images: of a file, of a part of one, or of a packed cache. */
import { closeSync, fstatSync, openSync, type Stats, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { UserError, codeOf } from '../../core/errors';
import type { ImageFile } from '../dataset';
import { bounds } from '../../core/bounds';
import { BadImageError, imageName, unreadable } from './bad-image';

type Packed = ImageFile & Required<Pick<ImageFile, 'part' | 'packed'>>;

/** One buffer for each thread, since a thread reads one packed image at a time. */
let buffer = new Uint8Array(0);

/**
 * The pixels of a packed image, valid until the next call.
 *
 * They are read and not mapped into memory. A map would save about 20 µs of the 500 or so that an image takes in all,
 * but if the shard were truncated meanwhile, it would crash the process, where reading gives an error.
 * @throws UserError when the shard is gone or shorter than it was, or its pixels are not those that were packed
 */
export function packedPixels(imageFile: Packed): Uint8Array {
  const { offset, length } = imageFile.part;
  if (buffer.length !== length) buffer = new Uint8Array(length);
  const file = openShard(imageFile);
  try {
    const state = fstatSync(file);
    const read = readInto(file, offset, buffer);
    if (read < length) throw changed(imageFile, `the end of ${imageFile.file} at byte ${offset + read}`);
    check(imageFile, state);
    return buffer;
  } finally {
    closeSync(file);
  }
}

function openShard(imageFile: ImageFile): number {
  try {
    return openSync(imageFile.file, 'r');
  } catch (error) {
    throw codeOf(error) === 'ENOENT' ? changed(imageFile, `no ${imageFile.file} any more`) : error;
  }
}

/** Which images of a shard have passed the check, while the file was in this state. */
interface Checked {
  readonly state: Pick<Stats, 'ino' | 'size' | 'mtimeMs'>;
  /** By row: 1 for an image that has passed. */
  readonly rows: Uint8Array;
}

/** By file. */
const checked = new Map<string, Checked>();

/**
 * Checks the checksum of an image. This takes a sixth of the image's total time, so it is done only when the image is
 * first read, and again after the file was written to or replaced.
 */
function check({ file, part, packed }: Packed, { ino, size, mtimeMs }: Stats): void {
  if (packed.crc32 === null) return;
  let known = checked.get(file);
  if (known?.state.ino !== ino || known.state.size !== size || known.state.mtimeMs !== mtimeMs) {
    known = { state: { ino, size, mtimeMs }, rows: new Uint8Array(Math.ceil(size / part.length)) };
    checked.set(file, known);
  }
  const row = part.offset / part.length;
  if (known.rows[row]) return;
  if (crc32(buffer) !== packed.crc32) throw damaged(file, part);
  known.rows[row] = 1;
}

/** The error for damaged pixels. The message asks to remove the file: its size is right, so packing would reuse it. */
function damaged(file: string, part: Packed['part']): UserError {
  return new UserError(
    `${part.name}: expected the pixels that were packed, found others in ${file}; remove that file, and the next run ` +
      'packs it again',
  );
}

function changed({ part }: ImageFile, found: string): UserError {
  return new UserError(
    `${part?.name}: expected it packed as it was, found ${found}; the next run packs it again`,
  );
}

type Part = NonNullable<ImageFile['part']>;

const { file: mostBytes } = bounds.image;

/**
 * The encoded bytes of an image.
 * @throws BadImageError when the file is gone or cannot be read, or has become shorter since its parts were listed
 */
export async function readImageFile(imageFile: ImageFile): Promise<Buffer> {
  const { bytes } = imageFile;
  if (bytes) {
    wholeFile(imageFile, { size: bytes.length, isFile: () => true, isDirectory: () => false });
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  try {
    return imageFile.part ? readPart(imageFile, imageFile.part) : readFile(imageFile);
  } catch (error) {
    throw unreadable(imageFile, error);
  }
}

function readPart(imageFile: ImageFile, { offset, length }: Part): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  checkLength(imageFile, readRange(imageFile.file, offset, bytes));
  return bytes;
}

function readFile(imageFile: ImageFile): Buffer {
  const file = openSync(imageFile.file, 'r');
  try {
    const { length } = wholeFile(imageFile, fstatSync(file));
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, readInto(file, 0, bytes));
  } finally {
    closeSync(file);
  }
}

/** @throws BadImageError unless the open file is a regular file of a size that an image can have */
export function wholeFile(
  imageFile: ImageFile,
  found: Pick<Stats, 'size' | 'isFile' | 'isDirectory'>,
): Omit<Part, 'name'> {
  if (found.isDirectory()) throw new BadImageError(imageName(imageFile), 'expected an image, found a folder');
  if (!found.isFile())
    throw new BadImageError(imageName(imageFile), 'expected an image, found a pipe or a device');
  if (found.size > mostBytes) {
    throw new BadImageError(
      imageName(imageFile),
      `expected an image of at most ${mostBytes} bytes, found ${found.size}`,
    );
  }
  return { offset: 0, length: found.size };
}

/** @throws BadImageError when fewer bytes were read than the part has */
export function checkLength({ file, part }: ImageFile, read: number): void {
  if (!part || read === part.length) return;
  throw new BadImageError(
    imageName({ file, part }),
    `expected ${part.length} bytes from byte ${part.offset}, found only ${read}: the file has changed`,
  );
}

/**
 * Fills an array with the bytes of a file from an offset on. It blocks the thread until the disk answers, which costs a
 * tenth of asynchronous reading; images are read in worker threads anyway.
 * @returns how many bytes were read: fewer than the array holds if the file ends
 */
export function readRange(path: string, offset: number, into: Uint8Array): number {
  const file = openSync(path, 'r');
  try {
    return readInto(file, offset, into);
  } finally {
    closeSync(file);
  }
}

/** As `readRange`, for an open file. */
export function readInto(file: number, offset: number, into: Uint8Array): number {
  let read = 0;
  while (read < into.length) {
    const bytes = readSync(file, into, read, into.length - read, offset + read);
    if (bytes === 0) break;
    read += bytes;
  }
  return read;
}
