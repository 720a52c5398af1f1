// Files of class names beside folders that name the classes already.
import { basename, join } from 'node:path';
import { counted } from '../counted';
import { UserError } from '../errors';
import { firstText, lines } from './class-names';
import type { Listing } from './label-file';
import { listed } from './picture-files';

/**
 * Looks into files beside folders of classes that name the classes once more, and tells where they say otherwise: the
 * folders count.
 * @param tell told what is passed over
 */
export async function noteNames(
  folder: string,
  { by, ids, from }: Listing,
  tell: (text: string) => void,
): Promise<void> {
  for (const file of ['labels.txt', 'classes.txt']) {
    const found = await firstText([folder], file).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      tell(`${file} is passed over: ${error.message}`);
      return undefined;
    });
    if (!found || (by === 'file' && basename(from) === file && from === join(folder, file))) continue;
    if (by === 'file' || !ids) {
      tell(`${file} is passed over: the classes of a labels.txt are named by a synset_words.txt`);
      continue;
    }
    const named = lines(found.text).map(({ line }) =>
      line
        .trim()
        .replace(/^\d+\s+(?=\S)/, '')
        .normalize('NFC'),
    );
    const own = new Set(ids);
    const same = named.length === own.size && named.every((each) => own.has(each));
    if (!same) {
      tell(
        `${file} is passed over, for it does not name the ${own.size} folders of classes (${counted(named.length, 'line')})`,
      );
    } else if (named.some((each, at) => each !== ids[at])) {
      tell(`${file} names the classes in another order than theirs here, which is ${listed(ids, 3)}`);
    }
  }
}
