/** A visitor's photo as a map of grey values, small enough to be looked at value by value. */
import { openPageImage, pageImage } from '../../../browser';
import type { Plane } from '../plane';

/** The longer side of a photo at the bench. */
const longest = 96;

export interface Photo {
  /** The size that the file has. */
  readonly height: number;
  readonly width: number;
  /** Shrunk: grey values from 0 to 1. */
  readonly plane: Plane;
}

/** @throws BadImageError when the browser cannot decode it */
export async function openPhoto(file: File): Promise<Photo> {
  const { size, decode } = await openPageImage(pageImage(file, 'photo'), 1);
  const share = Math.min(1, longest / Math.max(size.height, size.width));
  const height = Math.max(1, Math.round(size.height * share));
  const width = Math.max(1, Math.round(size.width * share));
  const region = { top: 0, left: 0, ...size };
  const window = { top: 0, left: 0, height, width };
  const grey = await decode({ region, height, width, window, flip: false });
  return { ...size, plane: { height, width, values: Float32Array.from(grey, (value) => value / 255) } };
}
