/** Images whose files cannot be read: what the system says of them, and what they are called. */
import { resolve } from 'node:path';
import { codeOf } from '../../core/errors';
import type { ImageFile } from '../dataset';
import { BadImageError, imageName } from './image-error';

export * from './image-error';

/** As `imageName`, but with an absolute path. */
export function absoluteName(imageFile: ImageFile): string {
  return imageName({ ...imageFile, file: resolve(imageFile.file) });
}

/**
 * The system's error codes for problems with the file itself; others, such as too many open files, are not its fault.
 */
const faults: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  ELOOP: 'a link in a circle',
  EISDIR: 'a folder',
  EACCES: 'one that may not be read',
  EPERM: 'one that may not be read',
  EIO: 'one that the disk fails to read',
};

/** The error to throw when reading an image's file failed with `error`. */
export function unreadable(imageFile: ImageFile, error: unknown): unknown {
  const fault = faults[codeOf(error) ?? ''];
  if (fault === undefined) return error;
  return new BadImageError(imageName(imageFile), `expected an image, found ${fault}`);
}
