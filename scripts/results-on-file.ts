import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');

/**
 * The JSON files under a folder of this source tree, such as the `report.json` of each run under `results/`; none
 * where there is no such folder.
 * @param fileOf the path of a file in the folder, from the name of an entry of it
 */
export function onFile<T>(folder: string, fileOf: (name: string) => string): T[] {
  const names = existsSync(join(root, folder)) ? readdirSync(join(root, folder)).sort() : [];
  const paths = names
    .map((name) => join(root, folder, fileOf(name)))
    .filter((path) => path.endsWith('.json') && existsSync(path));
  return paths.map((path) => JSON.parse(readFileSync(path, 'utf8')) as T);
}
