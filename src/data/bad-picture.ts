import { resolve } from 'node:path';
import { UserError, codeOf } from '../errors';
import type { Place } from './pictures';

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
