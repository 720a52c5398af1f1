/** The error of an image that cannot be used, and whether such images end the work or are skipped. */
import { UserError } from '../../core/errors';
import { option } from '../../core/text/wording';
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

/** The same of an image that may lie in a cache, where it has kept the name that it was packed from. */
export function originalName(imageFile: ImageFile): string {
  return imageFile.packed && imageFile.part ? imageFile.part.name : imageName(imageFile);
}

export const badImagePolicies = ['fail', 'skip'] as const;

/** Whether an image that cannot be read ends the work, or is left out of its batch and listed there. */
export type BadImagePolicy = (typeof badImagePolicies)[number];

/** The error to end the work with, for an image that cannot be read. */
export function refused({ file, reason }: BadImage): BadImageError {
  return new BadImageError(file, `${reason}; ${option('onBadImage', 'skip')} leaves such images out`);
}
