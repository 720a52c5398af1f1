/** Reads the digits of zip codes as zip.train and zip.test, one image a line. */
import { datasets } from '../datasets/catalogue';
import { readFile, readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { join } from 'node:path';
import { bounds, mostGunzipped } from '../../core/bounds';
import { UserError, codeOf, messageOf } from '../../core/errors';
import { datasetInMemory, type Dataset } from '../dataset';
import type { FoundSplits } from '../splits';
import { otherFiles } from './image-folder/image-files';
import { expectFewLines } from '../../core/io/text-file';

const side = 16;
const values = side * side;
/** The largest size of a file; the whole training set has 8 MB of text. */
const mostText = bounds.text.bytes;

/** Whether the folder has one of the two files. */
export async function hasUsps(folder: string): Promise<boolean> {
  const names: readonly string[] = await readdir(folder).catch(() => []);
  return (['train', 'test'] as const).some((part) => spellings(part).some((name) => names.includes(name)));
}

/**
 * Opens a folder with the digits of zip codes as "The Elements of Statistical Learning" distributes them: `zip.train`
 * and `zip.test`, with or without `.gz`. Each line has a label and 16x16 grey values from -1 (paper) to 1 (ink), row by
 * row. -1 becomes the pixel 0 and 1 becomes 255, rounded, so that a recipe's `range` from -1 to 1 restores them to
 * within 1/255.
 * @param note called with the files that are left out
 * @throws UserError naming a line with another form
 */
export async function openUsps(
  folder: string,
  name: string,
  note: (line: string) => void = () => undefined,
): Promise<FoundSplits<Dataset>> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new UserError(
      `${folder}: expected a folder of zip.train and zip.test, cannot be read: ${messageOf(error)}`,
    );
  });
  const used = (['train', 'test'] as const).map((split) =>
    spellings(split).find((each) => names.includes(each)),
  );
  const others = names.filter((file) => !used.includes(file) && !file.startsWith('.')).sort();
  if (others.length > 0) note(`${name}: left out: ${otherFiles(others)}`);
  const part = async (split: 'train' | 'test') => {
    const file = spellings(split).find((spelling) => names.includes(spelling));
    if (file === undefined) return undefined;
    const path = join(folder, file);
    const facts = { name: `${name} ${split}`, synthetic: false, classes: datasets.usps.classNames! };
    return datasetInMemory({ ...facts, ...parse(path, await textOf(path)) });
  };
  return { train: await part('train'), test: await part('test') };
}

const spellings = (part: 'train' | 'test') => [`zip.${part}.gz`, `zip.${part}`];

/** Reads a file, plain or gzipped, whatever its name says. */
async function textOf(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const most = Math.min(mostText, zipped ? mostGunzipped(bytes.length) : mostText);
    const text = zipped ? await promisify(gunzip)(bytes, { maxOutputLength: most }) : bytes;
    if (text.length > most)
      throw new UserError(`${path}: expected at most ${most} bytes of text, found ${text.length}`);
    expectFewLines(text, path);
    return text.toString('latin1');
  } catch (error) {
    const whole = codeOf(error)?.startsWith('Z_') || codeOf(error) === 'ERR_BUFFER_TOO_LARGE';
    if (error instanceof UserError) throw error;
    if (whole) throw new UserError(`${path}: expected a sound gzip file, found ${messageOf(error)}`);
    throw new UserError(`${path}: cannot be read: ${messageOf(error)}`);
  }
}

function parse(path: string, text: string) {
  const rows = text.split('\n').filter((line) => line.trim() !== '');
  if (rows.length === 0) throw new UserError(`${path}: expected a line an image, found none`);
  const labels = new Int32Array(rows.length);
  const pixels = new Uint8Array(rows.length * values);
  for (const [index, line] of rows.entries()) {
    const refuse = (expected: string, found: string): never => {
      throw new UserError(`${path}: expected ${expected} in line ${index + 1}, found ${found}`);
    };
    const numbers = line.trim().split(/\s+/).map(Number);
    if (numbers.length !== 1 + values) {
      refuse(`a label and ${values} values`, `${numbers.length} numbers`);
    }
    const label = numbers[0]!;
    if (!Number.isInteger(label) || label < 0 || label > 9) refuse('a label from 0 to 9', String(label));
    labels[index] = label;
    for (let place = 0; place < values; place++) {
      const value = numbers[1 + place]!;
      if (!(value >= -1 && value <= 1)) refuse('values from -1 to 1', String(value));
      pixels[index * values + place] = Math.round(((value + 1) / 2) * 255);
    }
  }
  return { labels, pixels, shape: [side, side, 1] as const };
}
