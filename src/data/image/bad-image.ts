/** Images that cannot be read: how they are described, and whether they end the work or are skipped. */
import { resolve } from 'node:path';
import { UserError, codeOf } from '../../core/errors';
import type { ImageFile } from '../dataset';

/** An image that cannot be used, and why. Plain data, so that threads and files can hold it. */
export interface BadImage {
  /** The file, and within an archive the name of the part. */
  readonly file: string;
  /** What was expected and what was found, on one line. */
  readonly reason: string;
}

/** Thrown for an image that cannot be used: gone, truncated, damaged, too large or no image at all. */
export class BadImageError extends UserError implements BadImage {
  constructor(
    /** The file, and within an archive the name of the part. */
    readonly file: string,
    /** What was expected and what was found, on one line. */
    readonly reason: string,
  ) {
    super(`${file}: ${reason}`);
  }
}

/** The name of an image for messages: its file, and within an archive the name of the part. */
export function imageName({ file, part }: ImageFile): string {
  return part ? `${file}: ${part.name}` : file;
}

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

/** What can happen at an image that cannot be read: the run fails, or the image is skipped. */
export const badImagePolicies = ['fail', 'skip'] as const;

/** Whether an image that cannot be read ends the work, or is left out of its batch and listed there. */
export type BadImagePolicy = (typeof badImagePolicies)[number];

/** The error to end the work with, for an image that cannot be read. */
export function refused({ file, reason }: BadImage): BadImageError {
  return new BadImageError(file, `${reason}; --on-bad-image skip leaves such images out`);
}
