import { dirname, join } from 'node:path';
import { UserError } from '../errors';
import { synsetWords } from './class-names';
import type { Listing } from './label-file';
import { entries, listed, pictureFiles, type Entry } from './picture-files';

/**
 * A folder with a folder for each class, pictures at any depth in it. The classes come in the order of their names'
 * UTF-8 bytes, that of torchvision's `ImageFolder`, and their names in Unicode's form NFC; where all of them are ids of
 * a `synset_words.txt` beside them or around, they are called by its words.
 * @throws UserError when there is no such folder, two have the same name, or links lead in a circle
 */
export async function listedByFolders(folder: string): Promise<Listing> {
  const found = await entries(folder);
  const visible = found.filter(({ name }) => !name.startsWith('.'));
  const classes = visible
    .filter(({ kind }) => kind === 'folder')
    .map(({ name }) => ({ name, id: name.normalize('NFC') }))
    .sort((one, other) => Buffer.compare(Buffer.from(one.id), Buffer.from(other.id)));
  if (classes.length === 0) {
    throw new UserError(`${folder}: expected a folder for each class, found ${inWords(visible)}`);
  }
  const twice = classes.find(({ id }, index) => id === classes[index + 1]?.id);
  if (twice) {
    throw new UserError(
      `${folder}: expected each class once, found "${twice.id}" twice, in two forms of Unicode`,
    );
  }
  const files: string[] = [];
  const labels: number[] = [];
  const others = visible.filter(({ kind }) => kind !== 'folder').map(({ name }) => name);
  let hidden = found.length - visible.length;
  for (const [label, { name }] of classes.entries()) {
    const inner = await pictureFiles(join(folder, name));
    for (const file of inner.files) {
      files.push(file);
      labels.push(label);
    }
    for (const other of inner.leftOut.others) others.push(other);
    hidden += inner.leftOut.hidden;
  }
  const ids = classes.map(({ id }) => id);
  return {
    by: 'folders',
    from: folder,
    ids,
    names: await namesFor(ids, folder),
    files,
    labels,
    leftOut: { hidden, others },
  };
}

async function namesFor(ids: readonly string[], folder: string): Promise<readonly string[]> {
  if (!ids.every((id) => /^n\d{8}$/.test(id))) return ids;
  const words = await synsetWords([folder, dirname(folder)]);
  if (!words) return ids;
  const byId = new Map(words.ids.map((id, index) => [id, words.names[index]!]));
  return ids.map((id) => byId.get(id) ?? id);
}

function inWords(visible: readonly Entry[]): string {
  if (visible.length === 0) return 'an empty one';
  return `${visible.length} file${visible.length > 1 ? 's' : ''} in none (${listed(
    visible.map(({ name }) => name),
    3,
  )})`;
}
