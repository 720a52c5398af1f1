import { BadPicture } from './bad-picture';

export const badPicturePolicies = ['fail', 'skip'] as const;

/** Whether a picture that cannot be read ends the work, or is left out of its batch and noted there. */
export type BadPicturePolicy = (typeof badPicturePolicies)[number];

/** The error to end the work with, for a picture that cannot be read. */
export function refused({ file, reason }: { readonly file: string; readonly reason: string }): BadPicture {
  return new BadPicture(file, `${reason}; --on-bad-image skip leaves such pictures out`);
}
