/**
 * Event files as TensorBoard reads them, on every backend. A file is a sequence of records:
 * length (8 bytes, little endian), its masked CRC-32C, an `Event` protocol buffer, its masked CRC-32C.
 */
import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../../core/errors';
import { bytes, double, float, integer } from '../../core/io/protobuf';

/** A file of events in TensorBoard's format, to which numbers are appended. */
export interface EventFile {
  readonly path: string;
  /**
   * Appends one number. A process killed at any moment leaves every earlier record whole.
   * @param step a whole number, counted as the caller likes
   * @throws the system's Error when the disk is full; the part of the record that was written is removed
   */
  scalar(tag: string, value: number, step: number): void;
  /** Flushes everything that was appended to the disk. */
  flush(): void;
  /** Closes the file. */
  close(): void;
}

/** How a new event file begins. */
export interface EventFileOptions {
  /**
   * For a resumed run, the first step that it will write. TensorBoard drops what earlier files have from this step on.
   */
  readonly startStep?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Starts a new event file in a folder, which is created if needed. Earlier files in it are not changed. */
export function openEventFile(folder: string, options: EventFileOptions = {}): EventFile {
  const now = options.now ?? Date.now;
  mkdirSync(folder, { recursive: true });
  const { path, descriptor } = create(folder, Math.floor(now() / 1000));
  let length = 0;
  const append = (step: number, field: Uint8Array) => {
    const record = framed(
      Buffer.concat([double(1, now() / 1000), ...(step ? [integer(2, step)] : []), field]),
    );
    try {
      for (let done = 0; done < record.length;) done += writeSync(descriptor, record, done);
    } catch (error) {
      ftruncateSync(descriptor, length);
      throw error;
    }
    length += record.length;
  };
  append(0, bytes(3, Buffer.from('brain.Event:2'))); // file_version
  if (options.startStep !== undefined) append(options.startStep, bytes(7, integer(1, 1))); // session_log: START
  return {
    path,
    scalar: (tag, value, step) => {
      const summary = bytes(1, Buffer.concat([bytes(1, Buffer.from(tag)), float(2, value)]));
      append(step, bytes(5, summary));
    },
    flush: () => fsyncSync(descriptor),
    close: () => closeSync(descriptor),
  };
}

/**
 * TensorBoard reads files in the order of their names, so a second file in the same second is named after a later one.
 */
function create(folder: string, seconds: number): { path: string; descriptor: number } {
  const name = `events.out.tfevents.${String(seconds).padStart(10, '0')}.${hostname()}`;
  const path = join(folder, name);
  try {
    return { path, descriptor: openSync(path, 'ax') };
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return create(folder, seconds + 1);
    throw error;
  }
}

function framed(event: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(event.length));
  return Buffer.concat([length, maskedCrc(length), event, maskedCrc(event)]);
}

/** Rotated and shifted, because a CRC over data that holds its own CRC is weak. */
function maskedCrc(data: Buffer): Buffer {
  const crc = crc32c(data);
  const masked = Buffer.alloc(4);
  masked.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return masked;
}

/** The Castagnoli polynomial of RFC 3720, bits reversed. */
const polynomial = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? polynomial : 0);
  return remainder;
});

/** The CRC-32C of RFC 3720, section 12.1, as an unsigned number. */
export function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) remainder = (remainder >>> 8) ^ table[(remainder ^ byte) & 0xff]!;
  return ~remainder >>> 0;
}
