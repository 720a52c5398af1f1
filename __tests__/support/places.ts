/** Where tests find the project, and the files that other programs and earlier releases wrote. */
import { join, resolve } from 'node:path';

export const projectRoot = resolve(__dirname, '..', '..');
export const fixtures = join(projectRoot, '__tests__', 'fixtures');
