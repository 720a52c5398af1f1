import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Pictures } from '../../../src/data/dataset';
import { temporaryFolder } from '../fixtures';

/**
 * Makes new folders with files of given paths; those of pictures are empty but for a few letters, since listing reads no
 * picture.
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
      else write(path, 'a picture');
    }
    for (const [path, bytes] of Object.entries(texts)) write(path, bytes);
    return root;
  };
}

/** `cat: train/cat/1.jpg` for each picture. */
export function contents(root: string, set: object): readonly string[] {
  const { classes, labels, places } = set as Pictures;
  return places.map(({ file }, index) => `${classes[labels[index]!]}: ${relative(root, file)}`);
}
