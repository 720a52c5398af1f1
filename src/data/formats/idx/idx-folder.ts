/** Opens a folder of IDX files, such as MNIST: images and labels of training and test set. */
import { basename, join, resolve } from 'node:path';
import { UserError, messageOf } from '../../../core/errors';
import type { Dataset, Splits } from '../../dataset';
import { entries, otherFiles } from '../image-folder/image-files';
import { readIdxImages, readIdxLabels } from './idx-file';
import { areIdxNames, idxSet } from './idx-set';

/**
 * Opens a folder that holds a data set as MNIST's four IDX files; see `idxSet`. Whether a file is gzipped is read from
 * its content. The class names are those known for the data set's name or the folder's name.
 * @param note called with the files that are left out
 * @throws UserError naming the file when one is missing or damaged, or when the files do not match each other
 */
export async function openIdx(
  folder: string,
  name: string,
  note: (line: string) => void = () => undefined,
): Promise<Splits<Dataset>> {
  const nameOf = (file: string) => join(folder, file);
  const source = {
    where: folder,
    names: await filesIn(folder),
    nameOf,
    readImages: (file: string) => readIdxImages(nameOf(file)),
    readLabels: (file: string) => readIdxLabels(nameOf(file)),
  };
  const { splits, others } = await idxSet(source, [name, basename(resolve(folder))]);
  if (others.length > 0) note(`${name}: left out: ${otherFiles(others)}`);
  return splits;
}

/** Whether the folder has files with MNIST's names, whatever their content. */
export async function hasIdx(folder: string): Promise<boolean> {
  return areIdxNames(await filesIn(folder).catch(() => []));
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const inside = await entries(folder).catch((error: unknown) => {
    throw new UserError(`${folder}: expected a folder of IDX files, cannot be read: ${messageOf(error)}`);
  });
  return inside.filter(({ kind }) => kind === 'file').map(({ name }) => name);
}
