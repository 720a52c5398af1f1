/** A crop: a region of an image, the size it is resized to, and the window taken out of that. */
import type { Augment } from '../../core/network';
import type { Size } from './header';

/** The size of a whole image after a resize. */
export interface Rescaled extends Size {
  /** The size of the image before. */
  readonly from: Size;
  /** Where crops may lie. */
  readonly field: Rectangle;
}

/** What happens to the longer side when the shorter one is resized to a length; see `Augment`. */
export type LongSide = NonNullable<Extract<Augment, { readonly kind: 'randomCrop' }>['longSide']>;

/**
 * Resizes an image so that it just covers `least` in both directions. The aspect ratio is kept; the length of the side
 * that is longer than needed is rounded down, as by torchvision's `Resize`.
 * @param longSide `cropped`: crops lie in the middle of that side only (AlexNet §2); `squeezed`: both sides are resized
 *   to `least`, as Caffe's `create_imagenet.sh` does
 */
export function rescaled(from: Size, least: Size, longSide: LongSide = 'kept'): Rescaled {
  const { floor, max } = Math;
  if (longSide === 'squeezed') return { ...least, from, field: whole(least) };
  const tall = least.height * from.width >= least.width * from.height;
  const size: Size = tall
    ? { height: least.height, width: max(least.width, floor((least.height * from.width) / from.height)) }
    : { height: max(least.height, floor((least.width * from.height) / from.width)), width: least.width };
  return { ...size, from, field: longSide === 'cropped' ? middle(whole(size), least) : whole(size) };
}

/** The rectangle that covers all of a size. */
export function whole({ height, width }: Size): Rectangle {
  return { top: 0, left: 0, height, width };
}

/** The middle of a rectangle; if a margin is odd, the larger half is below or to the right. */
export function middle(outer: Rectangle, { height, width }: Size): Rectangle {
  const top = outer.top + Math.floor((outer.height - height) / 2);
  const left = outer.left + Math.floor((outer.width - width) / 2);
  return { top, left, height, width };
}

/** The crop that resizes an image to this size and takes the window out of it, not mirrored. */
export function cropFrom({ from, height, width }: Rescaled, window: Rectangle): Crop {
  return { region: whole(from), height, width, window, flip: false };
}

/** The crop that takes a whole image without resizing it. */
export function wholeCrop(size: Size): Crop {
  return { region: whole(size), ...size, window: whole(size), flip: false };
}

/** The part of an image that a network sees, and its size there. In pixels, counted from the top left corner. */
export interface Crop {
  /** The part taken out of the image. */
  readonly region: Rectangle;
  /** The size to which the region is then resized. */
  readonly height: number;
  readonly width: number;
  /** The part taken out of the resized region. */
  readonly window: Rectangle;
  /** Whether the window is mirrored left to right. */
  readonly flip: boolean;
}

/** Whole pixels. */
export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}
