/** Files of packed images and their records: found by fingerprint, checked, written whole or not at all. */
import type { BadRow } from '../loader/worker-task';
import { sha256OfJson } from '../../core/io/hash';
import { elementCount } from '../../core/shape';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import * as z from 'zod';
import { codeOf } from '../../core/errors';
import { writeFileAtomically } from '../../core/io/files';
import { type ImageFile } from '../dataset';
import type { Packing } from './packing';

const recordSchema = z.strictObject({
  /** The fingerprint of the images when they were packed, and of the packing. */
  fingerprint: z.string(),
  /** Images that could not be read, by row. Their pixels are zeros. */
  unreadable: z.array(z.strictObject({ row: z.int(), file: z.string(), reason: z.string() })),
  /** The checksum of each row's pixels; shards of earlier releases have none. */
  crc32: z.array(z.int()).exactOptional(),
  /** SHA-256 of the other fields: if `unreadable` were damaged, an unreadable image would be read as a black one. */
  sha256: z.string().exactOptional(),
});

/** A file of packed images: their pixels one after the other, and beside it what they were packed from. */
export interface Shard extends Readonly<z.infer<typeof recordSchema>> {
  /** Where the pixels lie. */
  readonly file: string;
}

/** Increased whenever packing gives different pixels than before. */
const version = 1;

/**
 * The fingerprint of a list of images, computed from the metadata of their files. It changes with the list, with the
 * packing, and with the size or modification time of any file.
 */
export async function fingerprint(files: readonly ImageFile[], packing: Packing): Promise<string> {
  const paths = [...new Set(files.map(({ file }) => file))];
  const states = new Map(await Promise.all(paths.map(async (file) => [file, await stateOf(file)] as const)));
  const images = files.map(({ file, part }) => [file, states.get(file), part?.offset, part?.length]);
  return sha256OfJson([version, packing, images]);
}

/** Null for a file whose metadata cannot be read: reading the file will report why. */
async function stateOf(file: string): Promise<readonly [size: number, modified: number] | null> {
  const found = await stat(file).catch(() => null);
  return found && [found.size, found.mtimeMs];
}

/** Which images a shard should hold. */
export interface Wanted {
  readonly folder: string;
  readonly fingerprint: string;
  readonly images: number;
  readonly packing: Packing;
}

/**
 * The name of a shard says what is in it, so that no run has to replace the shard of another: it consists of the list's
 * fingerprint and a digest of the images' bytes, which may change while size and time stay the same.
 */
function nameOf(fingerprint: string, sha256: readonly string[]): string {
  return `${fingerprint.slice(0, 32)}-${sha256OfJson(sha256).slice(0, 16)}`;
}

/** The shard of the images with these digests, if it exists and is complete. */
export function openShard(wanted: Wanted, sha256: readonly string[]): Promise<Shard | undefined> {
  return openNamed(wanted, nameOf(wanted.fingerprint, sha256));
}

/**
 * The shards with this fingerprint, whatever the digests of their images.
 * @param names the names of the files in the folder
 */
export async function shardsLike(wanted: Wanted, names: readonly string[]): Promise<readonly Shard[]> {
  const start = `${wanted.fingerprint.slice(0, 32)}-`;
  const like = names.filter((name) => name.startsWith(start) && name.endsWith('.json'));
  const found = await Promise.all(like.sort().map((name) => openNamed(wanted, name.slice(0, -5))));
  return found.filter((shard) => shard !== undefined);
}

/** The shard of earlier releases, which named them by their place in the list and kept no checksums. */
export function openNumbered(wanted: Wanted, index: number): Promise<Shard | undefined> {
  return openNamed(wanted, String(index).padStart(5, '0'));
}

async function openNamed(
  { folder, fingerprint, images, packing: { shape } }: Wanted,
  name: string,
): Promise<Shard | undefined> {
  const file = join(folder, `${name}.bin`);
  const size = await stat(file).catch(() => undefined);
  if (size?.size !== images * elementCount(shape)) return undefined;
  const text = await readFile(join(folder, `${name}.json`), 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '{}';
    throw error;
  });
  const record = parsed(text);
  const isWhole = record && (record.crc32?.length ?? images) === images && isAsWritten(record);
  return isWhole && record.fingerprint === fingerprint ? { ...record, file } : undefined;
}

/**
 * Writes a shard under its name. The pixels are written first; they are ignored until the record exists.
 * @param pixels the pixels of all images, one after the other
 */
export async function writeShard(
  { folder, fingerprint, images, packing: { shape } }: Wanted,
  sha256: readonly string[],
  unreadable: readonly BadRow[],
  pixels: Uint8Array,
): Promise<Shard> {
  const name = nameOf(fingerprint, sha256);
  const size = elementCount(shape);
  const record = {
    fingerprint,
    unreadable: [...unreadable],
    crc32: Array.from({ length: images }, (_, row) => crc32(pixels.subarray(row * size, (row + 1) * size))),
  };
  const file = join(folder, `${name}.bin`);
  await writeFileAtomically(file, pixels);
  const sealed = { ...record, sha256: sha256OfJson(record) };
  await writeFileAtomically(join(folder, `${name}.json`), `${JSON.stringify(sealed)}\n`);
  return { ...record, file };
}

/** Whether the digest in the record is right. Records of earlier releases have none. */
function isAsWritten({ sha256: expected, ...record }: z.infer<typeof recordSchema>): boolean {
  return expected === undefined || sha256OfJson(record) === expected;
}

function parsed(text: string): z.infer<typeof recordSchema> | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // not as it was written
  }
}
