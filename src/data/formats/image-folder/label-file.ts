/** Reads labels.txt, which names each image file with its class. */
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../../core/errors';
import { asSynsets, firstText, lines, mostClasses, synsetWords } from '../class-names';
import { holdsImages, looksLikeImage, imageFiles, visibleFolders, type LeftOut } from './image-files';

/** The images of one part of a data set, before their classes are compared with those of the other parts. */
export interface LabelledFiles {
  readonly by: 'folders' | 'file';
  /** The folder or file that lists the images. */
  readonly from: string;
  /** The ids of the classes, by label: folder names or ImageNet's ids. Null if only indices are known. */
  readonly ids: readonly string[] | null;
  /** The names of the classes for messages, one for each of `ids`. */
  readonly names: readonly string[] | null;
  /** The WordNet ids, if `ids` are such. */
  readonly synsets: readonly string[] | undefined;
  readonly files: readonly string[];
  readonly labels: readonly number[];
  readonly leftOut: LeftOut;
  /** Whether any image was found through a link. */
  readonly linked: boolean;
}

/**
 * Lists a folder with images of all classes, like ImageNet's validation set. Its `labels.txt` has one line per image:
 * the file's name, a blank and the index of the class. The images lie beside it or in `images/`. A `synset_words.txt`
 * beside it or one folder up names the classes.
 * @returns undefined if there is no such file, or if it only names the classes of the folders beside it
 * @throws UserError naming a line that has another form, repeats an image, names a missing image, or has an index
 *   without a class
 */
export async function listedByFile(folder: string): Promise<LabelledFiles | undefined> {
  const found = await firstText([folder], 'labels.txt');
  if (!found || (await onlyNamesClasses(folder, found.text))) return undefined;
  const { path, text } = found;
  const images = await imageFiles(folder);
  const there = new Set(images.files);
  const words = await synsetWords([folder, dirname(folder)]);
  const listed = new Set<string>();
  const labels: number[] = [];
  for (const { line, number } of lines(text)) {
    const refuse = (expected: string, instead: string): never => {
      throw new UserError(`${path}: expected ${expected}, found ${instead} in line ${number}`);
    };
    const match = /^(.*\S)\s+(\d+)\s*$/.exec(line);
    if (!match) return refuse("a file's name, a blank and an index", `"${line.slice(0, 200)}"`);
    const [name, label] = [match[1]!, Number(match[2])];
    const file = [join(folder, name), join(folder, 'images', name)].find((place) => there.has(place));
    if (file === undefined) return refuse('an image that is there', name);
    if (listed.has(file)) refuse('each image once', `${name} again`);
    if (words && label >= words.ids.length) {
      refuse(`an index below the ${words.ids.length} classes of ${words.path}`, match[2]!.slice(0, 40));
    }
    if (label >= mostClasses) refuse(`an index below ${mostClasses}`, match[2]!.slice(0, 40));
    listed.add(file);
    labels.push(label);
  }
  if (labels.length === 0) throw new UserError(`${path}: expected a line an image, found none`);
  const unlabelled = images.files.filter((file) => !listed.has(file)).map((file) => basename(file));
  return {
    by: 'file',
    from: path,
    ids: words?.ids ?? null,
    names: words?.names ?? null,
    synsets: asSynsets(words?.ids),
    files: [...listed],
    labels,
    leftOut: { ...images.leftOut, unlabelled },
    linked: images.linked,
  };
}

/**
 * Whether a `labels.txt` names only classes and no images, as Teachable Machine's does, and the classes have folders.
 */
export async function onlyNamesClasses(folder: string, text: string): Promise<boolean> {
  const namesImage = lines(text).some(({ line }) => line.split(/[\s,;]+/).some(looksLikeImage));
  if (namesImage) return false;
  const folders = (await visibleFolders(folder)).filter((name) => name !== 'images');
  for (const name of folders) if (await holdsImages(join(folder, name))) return true;
  return false;
}
