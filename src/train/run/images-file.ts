/**
 * `images.jsonl` in a run's folder: which pictures the run learned from, which chose its best epoch, and which were set
 * aside for its test. The first line names the folder that they lie in, each other one a picture.
 */
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import type { ImageSet, Splits, Pictures } from '../../data/dataset';
import { placeName } from '../../data/image/bad-image';
import { commonFolder } from '../../data/formats/image-folder/common-folder';
import { UserError } from '../../core/errors';
import { writeFileAtomically } from '../../core/io/files';
import { checkedLine, valueOfLine } from '../../core/io/checked-lines';
import { keptTextIfThere } from '../../core/io/kept-file';

export const imagesFile = 'images.jsonl';

export const partNames = ['train', 'validation', 'test'] as const;
export type PartName = (typeof partNames)[number];

const headSchema = z.strictObject({ folder: z.string() });
const pictureSchema = z.strictObject({
  part: z.enum(partNames),
  class: z.string(),
  /** Seen from the folder. */
  file: z.string(),
  /** Where the picture is part of an archive. */
  within: z.strictObject({ offset: z.int(), length: z.int(), name: z.string() }).exactOptional(),
  /** Of the picture's bytes. */
  sha256: z.string(),
  /** Of the test set's, one that could not be read when the run began, and counts nowhere. */
  unreadable: z.literal(true).exactOptional(),
});

export type KeptPicture = Readonly<z.infer<typeof pictureSchema>>;

/** What the file holds. */
export interface KeptPictures {
  /** Absolute. */
  readonly folder: string;
  readonly pictures: readonly KeptPicture[];
}

/**
 * The pictures of some parts of a data set, to be kept; those of a set that lies in memory are not.
 * @param unreadable the names of those that cannot be read
 */
export function picturesToKeep(
  data: Splits,
  digests: Readonly<Partial<Record<PartName, readonly string[] | undefined>>>,
  unreadable: ReadonlySet<string>,
): KeptPictures | null {
  const parts = partNames.flatMap((part) => {
    const set: ImageSet | undefined = data[part];
    return set?.kind === 'pictures' ? [{ part, set }] : [];
  });
  if (parts.length === 0) return null;
  const folder = resolve(commonFolder(parts.flatMap(({ set }) => set.places)) || '.');
  const pictures = parts.flatMap(({ part, set }) =>
    set.places.map(({ file, part: within }, index) => ({
      part,
      class: set.classes[set.labels[index]!]!,
      file: relative(folder, resolve(file)),
      ...(within && { within }),
      sha256: digests[part]![index]!,
      ...(unreadable.has(placeName(set.places[index]!)) && { unreadable: true as const }),
    })),
  );
  return { folder, pictures };
}

export async function writeImagesFile(run: string, { folder, pictures }: KeptPictures): Promise<void> {
  const lines = [{ folder }, ...pictures].map(checkedLine);
  await writeFileAtomically(join(run, imagesFile), lines.join(''));
}

/**
 * @returns undefined where the run keeps none: its images lay in memory, or it was begun before they were kept
 * @throws UserError when the file is damaged, naming the line
 */
export function readImagesFile(run: string): KeptPictures | undefined {
  const path = join(run, imagesFile);
  const text = keptTextIfThere(path);
  if (text === undefined) return undefined;
  // Written whole, so that half of a last line is damage too.
  const [head, ...lines] = text.replace(/\n$/, '').split('\n');
  return {
    folder: parsed(headSchema, head, path, 1).folder,
    pictures: lines.map((line, index) => parsed(pictureSchema, line, path, index + 2)),
  };
}

function parsed<T>(schema: z.ZodType<T>, line: string | undefined, path: string, number: number): T {
  const { data } = schema.safeParse(valueOfLine(line ?? ''));
  if (data !== undefined) return data;
  throw new UserError(`${path}: expected a picture of the run in line ${number}, found a damaged line`);
}

export interface KeptPart {
  readonly set: Pictures;
  /** By index: the digest that each had, and whether it could not be read. */
  readonly digests: readonly string[];
  readonly unreadable: readonly boolean[];
}

/**
 * One part of the pictures as they were, wherever their folder lies now.
 * @param classes the run's
 * @returns undefined where the run had no such part
 */
export function keptPart(
  { folder, pictures }: KeptPictures,
  part: PartName,
  { name, classes, synsets }: Pick<Pictures, 'name' | 'classes' | 'synsets'>,
): KeptPart | undefined {
  const own = pictures.filter((picture) => picture.part === part);
  if (own.length === 0) return undefined;
  const labels = new Map(classes.map((label, index) => [label, index]));
  return {
    set: {
      kind: 'pictures',
      name,
      synthetic: false,
      classes,
      ...(synsets && { synsets }),
      labels: Int32Array.from(own, (picture) => labels.get(picture.class)!),
      places: own.map(({ file, within }) => ({ file: join(folder, file), ...(within && { part: within }) })),
    },
    digests: own.map(({ sha256 }) => sha256),
    unreadable: own.map((picture) => picture.unreadable === true),
  };
}
