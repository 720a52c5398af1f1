/** The images whose features are asked for: files without classes, or the parts of a data set. */
import { stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { UserError } from '../../../core/errors';
import { option } from '../../../core/text/wording';
import type { ImageSet } from '../../../data/dataset';
import { dataNames } from '../../../data/datasets/catalogue';
import { hasCifar } from '../../../data/formats/cifar';
import { hasIdx } from '../../../data/formats/idx/idx-folder';
import { holdsImages, visibleFolders } from '../../../data/formats/image-folder/image-files';
import { partOfName } from '../../../data/formats/parts/part-names';
import { hasUsps } from '../../../data/formats/usps';
import { hasShards } from '../../../data/formats/webdataset/shards';
import { imageName } from '../../../data/image/bad-image';
import { openParts } from '../../../data/open';
import type { PartName } from '../../../train/run/images-file';
import { dataOptions, type Context } from '../../context';
import { namedImages } from '../../data/named-images';

/** Images in the order of their rows. */
export interface FeatureImages {
  readonly sets: readonly ImageSet[];
  /** The names of the classes, which labels are indices of; null if the images have none. */
  readonly classes: readonly string[] | null;
  /** What a row is called: the path of the file as the user would type it, or the image's place in its data set. */
  readonly nameOf: (set: ImageSet, index: number) => string;
}

/**
 * @param words files, folders and patterns; or one data set: its name, a folder with a folder for each class (and
 *   perhaps for each part), or any other that `openData` takes
 * @param part one part of a data set. Default: all that there are
 * @throws UserError for words that match no image, and for a part that is not there
 */
export async function featureImages(
  words: readonly string[],
  part: PartName | undefined,
  context: Context,
): Promise<FeatureImages> {
  const [only, ...others] = words;
  if (only !== undefined && others.length === 0 && (await isDataset(only, context))) {
    return inDataset(only, part, context);
  }
  if (part !== undefined)
    throw new UserError(`${option('part')}: expected a data set with parts, found images without classes`);
  const { files, leftOut } = await namedImages(words);
  for (const line of leftOut) context.remark(line);
  const set: ImageSet = {
    kind: 'files',
    name: 'images',
    synthetic: false,
    classes: ['unknown'],
    labels: new Int32Array(files.length),
    files: files.map((file) => ({ file })),
  };
  return { sets: [set], classes: null, nameOf: (_, index) => files[index]! };
}

/** Whether a word means a data set: by its name, or since there are folders of classes, parts or known files in it. */
async function isDataset(word: string, { root }: Context): Promise<boolean> {
  if (dataNames.some((name) => name === word) || word.endsWith('.tar')) return true;
  const isFolder = async (path: string) => (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
  const folder = (await isFolder(word)) ? word : join(root, word);
  if (!(await isFolder(folder))) return false;
  if ((await hasIdx(folder)) || (await hasCifar(folder)) || (await hasUsps(folder))) return true;
  if (await hasShards(folder)) return true;
  const inside = await visibleFolders(folder);
  if (inside.some((name) => partOfName(name) !== undefined)) return true;
  const holding = await Promise.all(inside.map((name) => holdsImages(join(folder, name))));
  return holding.filter(Boolean).length > 1 || (await stat(join(folder, 'labels.txt')).catch(() => null)) !== null;
}

async function inDataset(word: string, part: PartName | undefined, context: Context): Promise<FeatureImages> {
  const found = await openParts(word, dataOptions(context));
  const there = (['train', 'validation', 'test'] as const).filter((name) => found[name]);
  if (part !== undefined && !there.includes(part))
    throw new UserError(`${option('part')}: expected one that ${word} has (${there.join(', ')}), found ${part}`);
  const sets = (part === undefined ? there : [part]).map((name) => found[name]!);
  const folder = resolve(word);
  return {
    sets,
    classes: sets[0]!.classes,
    nameOf: (set, index) => {
      if (set.kind === 'pixels') return `${set.name} ${index}`;
      const file = set.files[index]!;
      const within = relative(folder, file.file);
      const typed = within.startsWith('..') ? file.file : join(word, within);
      return imageName({ ...file, file: within === '' ? basename(word) : typed });
    },
  };
}
