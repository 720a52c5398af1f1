import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dataRoot } from '../src/data/data-root';

/** Where a file or folder lies that a user names: here, where `import --download` puts files, or in the data root. */
export function foundPath(given: string, root: string = dataRoot(process.env)): string {
  const places = [given, join(root, 'weights', given), join(root, given)];
  return places.find((place) => existsSync(place)) ?? given;
}
