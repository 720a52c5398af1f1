import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors';
import { firstText, lines, synsetWords } from './class-names';
import { pictureFiles, type LeftOut } from './picture-files';

/** Pictures of one part of a data set, before their classes are known to be those of the other parts. */
export interface Listing {
  readonly by: 'folders' | 'file';
  /** The folder or file that says which pictures there are. */
  readonly from: string;
  /** What tells the classes apart, by label: folders' names, ImageNet's ids. Null where only indices are known. */
  readonly ids: readonly string[] | null;
  /** The classes' names for people, as many as `ids`. */
  readonly names: readonly string[] | null;
  readonly files: readonly string[];
  readonly labels: readonly number[];
  readonly leftOut: LeftOut;
}

/**
 * A folder of pictures of all classes, as ImageNet's validation set is handed out: `labels.txt` in it has a line a
 * picture, the file's name, a blank and the index of its class; the pictures lie beside it or in `images/`. A
 * `synset_words.txt` beside it, or in the folder around, names the classes.
 * @returns undefined where there is no such file
 * @throws UserError naming the line when one is not so, names a picture twice or one that is not there, or when an index
 *   has no class
 */
export async function listedByFile(folder: string): Promise<Listing | undefined> {
  const found = await firstText([folder], 'labels.txt');
  if (!found) return undefined;
  const { path, text } = found;
  const pictures = await pictureFiles(folder);
  const there = new Set(pictures.files);
  const words = await synsetWords([folder, dirname(folder)]);
  const listed = new Set<string>();
  const labels: number[] = [];
  for (const { line, number } of lines(text)) {
    const refuse = (expected: string, instead: string): never => {
      throw new UserError(`${path}: expected ${expected}, found ${instead} in line ${number}`);
    };
    const match = /^(.*\S)\s+(\d+)\s*$/.exec(line);
    if (!match) return refuse("a file's name, a blank and an index", `"${line}"`);
    const [name, label] = [match[1]!, Number(match[2])];
    const file = [join(folder, name), join(folder, 'images', name)].find((place) => there.has(place));
    if (file === undefined) return refuse('a picture that is there', name);
    if (listed.has(file)) refuse('each picture once', `${name} again`);
    if (words && label >= words.ids.length) {
      refuse(`an index below the ${words.ids.length} classes of ${words.path}`, String(label));
    }
    listed.add(file);
    labels.push(label);
  }
  if (labels.length === 0) throw new UserError(`${path}: expected a line a picture, found none`);
  const unlabelled = pictures.files.filter((file) => !listed.has(file)).map((file) => basename(file));
  return {
    by: 'file',
    from: path,
    ids: words?.ids ?? null,
    names: words?.names ?? null,
    files: [...listed],
    labels,
    leftOut: { ...pictures.leftOut, unlabelled },
  };
}
