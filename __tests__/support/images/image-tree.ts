import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { ImageFiles } from '../../../src/data/dataset';
import { temporaryFolder } from '../fixtures';

/**
 * Makes new folders with files of given paths; those of images are empty but for a few letters, since listing reads no
 * image.
 */
export function trees(): (
  paths: readonly string[],
  texts?: Readonly<Record<string, string | Uint8Array>>,
) => string {
  const folder = temporaryFolder();
  let made = 0;
  return (paths, texts = {}) => {
    const root = join(folder, String(++made), 'pets');
    const write = (path: string, bytes: string | Uint8Array) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), bytes);
    };
    mkdirSync(root, { recursive: true });
    for (const path of paths) {
      if (path.endsWith('/')) mkdirSync(join(root, path), { recursive: true });
      else write(path, 'an image');
    }
    for (const [path, bytes] of Object.entries(texts)) write(path, bytes);
    return root;
  };
}

/** `cat: train/cat/1.jpg` for each image. */
export function contents(root: string, set: object): readonly string[] {
  const { classes, labels, files } = set as ImageFiles;
  return files.map(({ file }, index) => `${classes[labels[index]!]}: ${relative(root, file)}`);
}
