/** JSON files of this project with a digest of their own content; see `sealedJson`. */
import { parseSealedJson, sealedJson } from '../text/sealed-json';
import { writeFileAtomically } from './files';
import { readKeptText } from './kept-file';

/**
 * Like `parseSealedJson`, for a file.
 * @throws UserError also if it cannot be read; the system's error if it does not exist
 */
export function readSealedJson(path: string, what: string): unknown {
  return parseSealedJson(readKeptText(path), path, what);
}

/**
 * Replaces a file by a value as JSON, with its digest. A list of numbers is written on one line, since a confusion
 * matrix of 1,000 classes has a million of them.
 */
export async function writeSealedJson(path: string, value: object): Promise<void> {
  const text = JSON.stringify(sealedJson(value), null, 2);
  const rows = text.replaceAll(
    /\[\n\s+(-?\d[^[\]{}"]*?)\n\s+\]/g,
    (_, list: string) => `[${list.replaceAll(/\s+/g, ' ')}]`,
  );
  await writeFileAtomically(path, Buffer.from(`${rows}\n`));
}
