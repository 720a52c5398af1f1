import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { codeOf } from '../errors';
import { writeFileAtomically } from '../weights/atomic-file';
import { valuesOf } from './image-chunks';
import type { Packing } from './packing';
import type { Place } from './pictures';

/** A file of packed pictures: their pixels one after the other, and beside it what they were packed from. */
export interface Shard {
  /** Of the pictures as they were, and of how they were packed. */
  readonly fingerprint: string;
  /** By row. Their pixels are zeros. */
  readonly unreadable: readonly Unreadable[];
}

export interface Unreadable {
  readonly row: number;
  readonly file: string;
  readonly reason: string;
}

/** Raised when packing gives other pixels than before. */
const version = 1;

/** What a shard of these pictures has to bear: it changes with the list, and the size or time of any file. */
export async function fingerprint(places: readonly Place[], packing: Packing): Promise<string> {
  const files = [...new Set(places.map(({ file }) => file))];
  const states = new Map(await Promise.all(files.map(async (file) => [file, await stateOf(file)] as const)));
  const pictures = places.map(({ file, part }) => [file, states.get(file), part?.offset, part?.length]);
  return createHash('sha256')
    .update(JSON.stringify([version, packing, pictures]))
    .digest('hex');
}

/** A file that cannot be looked at is one in its own right: reading it will tell why. */
async function stateOf(file: string): Promise<readonly [size: number, modified: number] | null> {
  const found = await stat(file).catch(() => null);
  return found && [found.size, found.mtimeMs];
}

/** The shard of that name, if it is whole and bears the fingerprint. */
export async function openShard(
  path: string,
  wanted: string,
  images: number,
  { shape }: Packing,
): Promise<Shard | undefined> {
  const size = await stat(`${path}.bin`).catch(() => undefined);
  if (size?.size !== images * valuesOf(shape)) return undefined;
  const text = await readFile(`${path}.json`, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '{}';
    throw error;
  });
  const shard = parsed(text);
  return shard?.fingerprint === wanted ? shard : undefined;
}

/** The pixels come first, and under no name that counts without the other file. */
export async function writeShard(path: string, shard: Shard, pixels: Uint8Array): Promise<void> {
  await writeFileAtomically(`${path}.bin`, pixels);
  await writeFileAtomically(`${path}.json`, `${JSON.stringify(shard)}\n`);
}

function parsed(text: string): Shard | undefined {
  try {
    const found = JSON.parse(text) as Partial<Shard>;
    return Array.isArray(found.unreadable) && found.fingerprint ? (found as Shard) : undefined;
  } catch {
    return undefined; // not as it was written
  }
}
