/**
 * `images.jsonl` in a run's folder: which images the run learned from, which chose its best epoch, and which were set
 * aside for its test. The first line names the folder that they lie in, each other one an image.
 */
import { join, relative, resolve } from 'node:path';
import * as z from 'zod';
import type { ImageSet, Splits, ImageFiles } from '../../data/dataset';
import { imageName } from '../../data/image/bad-image';
import { commonFolder } from '../../data/formats/image-folder/common-folder';
import { UserError } from '../../core/errors';
import { writeFileAtomically } from '../../core/io/files';
import { checkedLine, valueOfLine } from '../../core/io/checked-lines';
import { keptTextIfThere } from '../../core/io/kept-file';

export const imagesFile = 'images.jsonl';

export const partNames = ['train', 'validation', 'test'] as const;
export type PartName = (typeof partNames)[number];

const headSchema = z.strictObject({ folder: z.string() });
const imageSchema = z.strictObject({
  part: z.enum(partNames),
  class: z.string(),
  /** The path of the file, relative to the folder. */
  file: z.string(),
  /** The image's position in the file, if the file is an archive. */
  within: z.strictObject({ offset: z.int(), length: z.int(), name: z.string() }).exactOptional(),
  /** The digest of the image's bytes. */
  sha256: z.string(),
  /** Set for a test image that could not be read when the run began and is not counted anywhere. */
  unreadable: z.literal(true).exactOptional(),
});

export type KeptImage = Readonly<z.infer<typeof imageSchema>>;

/** What the file holds. */
export interface KeptImages {
  /** The absolute path of the images' folder. */
  readonly folder: string;
  readonly images: readonly KeptImage[];
}

/**
 * The images of some parts of a data set, as they are to be listed in the file; images in memory are not listed.
 * @param unreadable the names of the images that cannot be read
 */
export function imagesToKeep(
  data: Splits,
  digests: Readonly<Partial<Record<PartName, readonly string[] | undefined>>>,
  unreadable: ReadonlySet<string>,
): KeptImages | null {
  const parts = partNames.flatMap((part) => {
    const set: ImageSet | undefined = data[part];
    return set?.kind === 'files' ? [{ part, set }] : [];
  });
  if (parts.length === 0) return null;
  const folder = resolve(commonFolder(parts.flatMap(({ set }) => set.files)) || '.');
  const images = parts.flatMap(({ part, set }) =>
    set.files.map(({ file, part: within }, index) => ({
      part,
      class: set.classes[set.labels[index]!]!,
      file: relative(folder, resolve(file)),
      ...(within && { within }),
      sha256: digests[part]![index]!,
      ...(unreadable.has(imageName(set.files[index]!)) && { unreadable: true as const }),
    })),
  );
  return { folder, images };
}

export async function writeImagesFile(run: string, { folder, images }: KeptImages): Promise<void> {
  const lines = [{ folder }, ...images].map(checkedLine);
  await writeFileAtomically(join(run, imagesFile), lines.join(''));
}

/**
 * @returns undefined if the run has no such file: its images were in memory, or an earlier release began it
 * @throws UserError when the file is damaged, naming the line
 */
export function readImagesFile(run: string): KeptImages | undefined {
  const path = join(run, imagesFile);
  const text = keptTextIfThere(path);
  if (text === undefined) return undefined;
  // Written whole, so that half of a last line is damage too.
  const [head, ...lines] = text.replace(/\n$/, '').split('\n');
  return {
    folder: parsed(headSchema, head, path, 1).folder,
    images: lines.map((line, index) => parsed(imageSchema, line, path, index + 2)),
  };
}

function parsed<T>(schema: z.ZodType<T>, line: string | undefined, path: string, number: number): T {
  const { data } = schema.safeParse(valueOfLine(line ?? ''));
  if (data !== undefined) return data;
  throw new UserError(`${path}: expected an image of the run in line ${number}, found a damaged line`);
}

export interface KeptPart {
  readonly set: ImageFiles;
  /** By index, the digest of each image when the run began; `unreadable` says whether it could not be read. */
  readonly digests: readonly string[];
  readonly unreadable: readonly boolean[];
}

/**
 * One part of the images as the run had them, wherever their folder is now.
 * @param classes the classes of the run
 * @returns undefined if the run had no such part
 */
export function keptPart(
  { folder, images }: KeptImages,
  part: PartName,
  { name, classes, synsets }: Pick<ImageFiles, 'name' | 'classes' | 'synsets'>,
): KeptPart | undefined {
  const own = images.filter((image) => image.part === part);
  if (own.length === 0) return undefined;
  const labels = new Map(classes.map((label, index) => [label, index]));
  return {
    set: {
      kind: 'files',
      name,
      synthetic: false,
      classes,
      ...(synsets && { synsets }),
      labels: Int32Array.from(own, (image) => labels.get(image.class)!),
      files: own.map(({ file, within }) => ({ file: join(folder, file), ...(within && { part: within }) })),
    },
    digests: own.map(({ sha256 }) => sha256),
    unreadable: own.map((image) => image.unreadable === true),
  };
}
