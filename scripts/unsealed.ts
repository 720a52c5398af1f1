import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { isSealed } from '../src/weights/sealed';
import { noteOnce } from './run-data';

/** Says of a file of an earlier release, if it is there, that it keeps no digest. */
export async function noteUnsealed(path: string): Promise<void> {
  if (!existsSync(path) || (await isSealed(path))) return;
  noteOnce(
    `${path}: an earlier release wrote ${basename(path)} without a digest, so that damage to its numbers would not be seen`,
  );
}
