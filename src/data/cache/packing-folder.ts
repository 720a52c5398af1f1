/** The folders of a cache: one for each set of images, by its name and where its files lie, and each packing. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { commonFolder } from '../formats/image-folder/common-folder';
import type { Packing } from './packing';
import type { ImageFiles } from '../dataset';
import { makeFolder, writeFileAtomically, writerOf } from '../../core/io/files';

/**
 * Makes the folder for the shards of a set if it does not exist.
 * @throws UserError when it cannot be made
 */
export async function packingFolder(cache: string, images: ImageFiles, packing: Packing): Promise<string> {
  const root = resolve(cache);
  const folder = join(root, folderName(images, packing));
  const others = await readdir(root).catch(() => []);
  await makeFolder(folder);
  // A folder that also holds other things, such as the images themselves, is not marked as a cache.
  if (others.every(isOwn)) await markAsCache(root);
  await markAsCache(folder);
  return folder;
}

const ownName = /^.+-\d+x\d+-[0-9a-f]{8}$/;

function isOwn(name: string): boolean {
  return ownName.test(name) || name === tagFile || writerOf(name, tagFile) !== undefined;
}

function folderName({ name, files }: ImageFiles, packing: Packing): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([packing, commonFolder(files)]))
    .digest('hex');
  const [height, width] = packing.shape;
  return `${name.replaceAll(/\W+/g, '-').slice(0, 60)}-${height}x${width}-${digest.slice(0, 8)}`;
}

/**
 * Marks a cache (bford.info/cachedir): backup programs skip such a folder, and so does this program's search for
 * images.
 */
const tagFile = 'CACHEDIR.TAG';
const tag = `Signature: 8a477f597d28d172789f06886806bc55
# Images that cnn-lineage packed to read them faster. The folder can be removed: what is needed is packed again.
`;

/** A failure to write is ignored, since images that are already packed can still be read. */
async function markAsCache(folder: string): Promise<void> {
  const file = join(folder, tagFile);
  if (!existsSync(file)) await writeFileAtomically(file, tag).catch(() => undefined);
}

/**
 * What tells a folder of a cache from another one under the same path, on a machine that does not share the disk; null
 * if the folder is not marked as a cache.
 */
export async function markOf(folder: string): Promise<string | null> {
  const found = await stat(join(folder, tagFile)).catch(() => null);
  return found && `${found.ino} ${found.mtimeMs}`;
}
