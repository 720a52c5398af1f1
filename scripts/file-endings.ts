import { statSync } from 'node:fs';
import { UserError } from '../src/errors';

/** @throws UserError unless a file's name says what is written into it */
export function expectEnding(option: string, file: string, ending: string): void {
  if (file.toLowerCase().endsWith(ending) && file.length > ending.length) return;
  throw new UserError(`${option}: expected a file that ends in ${ending}, found ${file}`);
}

/** @throws UserError when there is something else than a folder at its place, or its name is that of a file */
export function expectFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found || /\.(?:html|json|md|csv|svg|png)$/i.test(folder))
    throw new UserError(
      `--out: expected a folder, found ${found ? 'a file,' : 'the name of a file,'} ${folder}`,
    );
}
