/** Refuses images that two parts of a data set share by links. */
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../../core/errors';

/** The images of a part of a data set. */
interface ListedFiles {
  /** The name of the part, for messages. */
  readonly name: string;
  readonly files: readonly string[];
}

/**
 * Follows links to find images that two parts share: a network would learn from them and then be tested on them.
 * @param note called about images that one part has more than once
 * @throws UserError naming both places where two parts have the same image
 */
export async function refuseShared(
  listings: readonly ListedFiles[],
  note: (line: string) => void,
): Promise<void> {
  const folders: RealFolders = new Map();
  const places = new Map<string, { readonly file: string; readonly name: string }>();
  for (const { name, files } of listings) {
    let [again, example] = [0, ''];
    for (const file of files) {
      const real = await realPlace(file, folders);
      const other = places.get(real);
      if (other && other.name !== name) {
        throw new UserError(
          `${file}: expected images of its own in ${name}, found a link to one of ${other.name}, ${other.file}`,
        );
      }
      if (other) [again, example] = [again + 1, example || `${file} is ${other.file}`];
      else places.set(real, { file, name });
    }
    if (again > 0) {
      note(`${name}: ${again} image${again > 1 ? 's' : ''} listed more than once, by links (${example})`);
    }
  }
}

/** The paths of folders after following all links, each asked for once. */
export type RealFolders = Map<string, Promise<string>>;

/** The path of a file after following all links; the file's own path if a link is broken. */
export async function realPlace(file: string, folders: RealFolders): Promise<string> {
  const facts = await lstat(file).catch(() => undefined);
  if (facts?.isSymbolicLink()) return realpath(file).catch(() => file);
  const folder = dirname(file);
  const real = folders.get(folder) ?? realpath(folder).catch(() => folder);
  folders.set(folder, real);
  return join(await real, basename(file));
}
