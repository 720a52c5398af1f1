/** The labelled images among the entries of a tar archive, by the keys of their names. */
import { bounds } from '../../../core/bounds';
import { UserError } from '../../../core/errors';
import { mostClasses } from '../class-names';
import { leftBy } from '../image-folder/foreign-folders';
import { looksLikeImage, type Foreign, type LeftOut } from '../image-folder/image-files';
import type { ImageFile } from '../../dataset';
import { tarEntries, type TarEntry } from './tar-index';
import { readJson } from '../../../core/io/json-text';
import { decodedText } from '../../../core/io/text-file';

/** An image and the index of its class. */
export interface Sample {
  readonly imageFile: ImageFile;
  readonly label: number;
}

/** What a shard holds. */
export interface Samples {
  readonly samples: readonly Sample[];
  /** Hidden files, files without an extension, and files left by other programs. */
  readonly leftOut: LeftOut;
}

/** The files of one sample so far. */
interface Parts {
  readonly key: string;
  image?: TarEntry;
  /** Labels by the extension of their file; `cls` takes precedence over `json`. */
  readonly labels: Map<string, number>;
}

/** The fields of a JSON object that may hold the index. */
const jsonFields = ['label', 'cls'];

/**
 * The samples of a shard in WebDataset format. Consecutive files whose paths are the same up to the first dot of the
 * file name form a sample. A sample has one image and the index of its class, either as the text of a `.cls` file or as
 * the number `label` or `cls` in a `.json` file. Other files of a sample are ignored, and so are files left by other
 * programs.
 * @throws UserError naming the shard and the sample when a sample has no image, several images, or no index; and as
 *   `tarEntries` does
 */
export async function samplesOf(path: string): Promise<Samples> {
  const samples: Sample[] = [];
  const leftOut = { hidden: 0, others: [] as string[], foreign: [] as Foreign[] };
  let parts: Parts | undefined;
  for await (const entry of tarEntries(path)) {
    const name = entry.name.replace(/^(\.\/)+/, '');
    const foreign = foreignTo(name);
    if (foreign) leftOut.foreign.push(foreign);
    else if (/(^|\/)\./.test(name)) leftOut.hidden++;
    const split = /^((?:.*\/)?[^./][^./]*)\.([^/]+)$/s.exec(name);
    if (!split && !/(^|\/)\./.test(name)) leftOut.others.push(name);
    if (!split || foreign || /(^|\/)\./.test(name)) continue;
    const [key, ending] = [split[1]!, split[2]!.toLowerCase()];
    if (parts?.key !== key) {
      if (parts) samples.push(whole(path, parts));
      parts = { key, labels: new Map() };
    }
    await take(path, parts, ending, entry);
  }
  if (parts) samples.push(whole(path, parts));
  return { samples, leftOut };
}

/** Why a file is ignored that another program left, or that lies in a folder left by one. */
function foreignTo(name: string): Foreign | undefined {
  const steps = name.split('/');
  for (const [index, step] of steps.entries()) {
    const by = leftBy(step, index < steps.length - 1 ? 'folder' : 'file');
    if (by !== undefined) return { name: step, reason: `left by ${by}` };
  }
  return undefined;
}

async function take(path: string, parts: Parts, ending: string, entry: TarEntry): Promise<void> {
  if (looksLikeImage(`.${ending}`)) {
    if (parts.image) {
      throw new UserError(
        `${path}: ${parts.key}: expected one image, found ${parts.image.name} and ${entry.name}`,
      );
    }
    parts.image = entry;
  } else if (ending === 'cls' || ending === 'json') {
    const text = decodedText(await contentOf(path, entry), `${path}: ${entry.name}`).trim();
    const label = ending === 'cls' ? wholeNumber(text) : jsonLabel(text);
    if (label === undefined) {
      const expected =
        ending === 'cls' ? 'the index of a class' : `an object with a number ${jsonFields.join(' or ')}`;
      throw new UserError(`${path}: ${entry.name}: expected ${expected}, found "${text.slice(0, 40)}"`);
    }
    if (label >= mostClasses) {
      throw new UserError(`${path}: ${entry.name}: expected an index below ${mostClasses}, found ${label}`);
    }
    parts.labels.set(ending, label);
  }
}

/** The largest size of a file that holds a sample's class. */
const mostText = bounds.tar.saysClass;

async function contentOf(path: string, entry: TarEntry): Promise<Buffer> {
  if (entry.length <= mostText) return entry.content();
  throw new UserError(
    `${path}: ${entry.name}: expected at most ${mostText} bytes that say a class, found ${entry.length}`,
  );
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function jsonLabel(text: string): number | undefined {
  try {
    const found = readJson(Buffer.from(text), 'label');
    if (typeof found !== 'object' || found === null) return undefined;
    const values = jsonFields.map((field) => (found as Readonly<Record<string, unknown>>)[field]);
    return values.find((value): value is number => Number.isInteger(value) && Number(value) >= 0);
  } catch {
    return undefined;
  }
}

function whole(path: string, { key, image, labels }: Parts): Sample {
  const label = labels.get('cls') ?? labels.get('json');
  if (!image) throw new UserError(`${path}: ${key}: expected an image, found none`);
  if (label === undefined) {
    throw new UserError(
      `${path}: ${key}: expected the index of its class in ${key}.cls or ${key}.json, found neither`,
    );
  }
  const { offset, length, name } = image;
  return { imageFile: { file: path, part: { offset, length, name } }, label };
}
