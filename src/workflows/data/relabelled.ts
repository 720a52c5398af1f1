/** Whether a run's images now have other labels in the same place: from a list, or from an archive's samples. */
import { resolve } from 'node:path';
import { absoluteName } from '../../data/image/bad-image';
import { counted, listed } from '../../core/text/counted';

import type { ImageFiles } from '../../data/dataset';
import { UserError } from '../../core/errors';
import type { KeptImages } from '../../train/run/images-file';

interface Relabelled {
  /** Images that now belong to another class. */
  readonly images: readonly string[];
  /** Classes that were only renamed, with their new names. */
  readonly renamed: ReadonlyMap<string, string>;
}

/**
 * @param labels the run's classes
 * @param sets all images that the data has now
 */
export function relabelled(
  labels: readonly string[],
  { folder, images }: KeptImages,
  sets: readonly ImageFiles[],
): Relabelled {
  const before = new Map(
    images.map(({ file, within, class: own }) => [
      absoluteName({ file: resolve(folder, file), ...(within && { part: within }) }),
      own,
    ]),
  );
  const others: string[] = [];
  const renamed = new Map<string, string>();
  for (const { classes, labels: indices, files } of sets)
    files.forEach((file, at) => {
      const name = absoluteName(file);
      const [was, index] = [before.get(name), indices[at]!];
      const now = classes[index]!;
      if (was === undefined || was === now) return;
      if (labels[index] === was && !labels.includes(now)) renamed.set(was, now);
      else others.push(name);
    });
  return { images: others, renamed };
}

/** @throws UserError where images of a run are of another class now */
export function expectLabelsKept(data: string, { images, renamed }: Relabelled): string | undefined {
  if (images.length > 0)
    throw new UserError(
      `${data}: expected its images to be of the classes that they were of when the run began, found ` +
        `${counted(images.length, 'image')} of another (${listed(images, 3)})`,
    );
  if (renamed.size === 0) return undefined;
  const names = [...renamed].map(([was, now]) => `${now} for ${was}`);
  return `${data}: its classes are called otherwise now (${listed(names, 3)}); the run keeps the names that they had`;
}
