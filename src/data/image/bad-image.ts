import { resolve } from 'node:path';
import { UserError, codeOf } from '../../core/errors';
import type { Place } from '../dataset';

/** A picture that cannot be used: gone, truncated, damaged, too large or no picture at all. */
export class BadPicture extends UserError {
  constructor(
    /** The file, and within an archive the name of the part. */
    readonly file: string,
    /** What was expected and what was found, on one line. */
    readonly reason: string,
  ) {
    super(`${file}: ${reason}`);
  }
}

/** How people are told of a place: its file, and within an archive the name of the part. */
export function placeName({ file, part }: Place): string {
  return part ? `${file}: ${part.name}` : file;
}

/** As `placeName`, the same from whatever folder. */
export function absoluteName(place: Place): string {
  return placeName({ ...place, file: resolve(place.file) });
}

/** What the system's errors say of the file itself; others, such as too many open files, are not its fault. */
const faults: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  ELOOP: 'a link in a circle',
  EISDIR: 'a folder',
  EACCES: 'one that may not be read',
  EPERM: 'one that may not be read',
  EIO: 'one that the disk fails to read',
};

/** The error to throw for what reading a picture's file met. */
export function unreadable(place: Place, error: unknown): unknown {
  const fault = faults[codeOf(error) ?? ''];
  if (fault === undefined) return error;
  return new BadPicture(placeName(place), `expected a picture, found ${fault}`);
}

export const badPicturePolicies = ['fail', 'skip'] as const;

/** Whether a picture that cannot be read ends the work, or is left out of its batch and noted there. */
export type BadPicturePolicy = (typeof badPicturePolicies)[number];

/** The error to end the work with, for a picture that cannot be read. */
export function refused({ file, reason }: { readonly file: string; readonly reason: string }): BadPicture {
  return new BadPicture(file, `${reason}; --on-bad-image skip leaves such pictures out`);
}
