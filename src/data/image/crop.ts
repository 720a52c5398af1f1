/** A crop: a region of an image, the size it is resized to, and the window taken out of that. */
import type { Augment } from '../../core/network';
import type { Size } from './header';

/** An image brought to another size, whole. */
export interface Rescaled extends Size {
  /** Of the image before. */
  readonly from: Size;
  /** Where crops may lie. */
  readonly field: Rectangle;
}

/** What becomes of a longer side when the shorter one is brought to a length; see `Augment`. */
export type LongSide = NonNullable<Extract<Augment, { readonly kind: 'randomCrop' }>['longSide']>;

/**
 * An image made so large or small that it just covers `least` in both directions. The side that then is longer than
 * needed keeps the proportion, its length rounded down as by torchvision's `Resize`.
 * @param longSide `cropped` leaves only the middle of it to crops (AlexNet §2); `squeezed` brings both sides to
 *   `least`, as Caffe's `create_imagenet.sh` does
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

/** The rectangle of all of a size. */
export function whole({ height, width }: Size): Rectangle {
  return { top: 0, left: 0, height, width };
}

/** The middle of a rectangle; of an odd margin the larger half lies below and to the right. */
export function middle(outer: Rectangle, { height, width }: Size): Rectangle {
  const top = outer.top + Math.floor((outer.height - height) / 2);
  const left = outer.left + Math.floor((outer.width - width) / 2);
  return { top, left, height, width };
}

/** The crop that brings an image to the size and takes the window out of it, not mirrored. */
export function cropFrom({ from, height, width }: Rescaled, window: Rectangle): Crop {
  return { region: whole(from), height, width, window, flip: false };
}

/** The crop that takes all of a size, as it is. */
export function wholeCrop(size: Size): Crop {
  return { region: whole(size), ...size, window: whole(size), flip: false };
}

/** The part of an image that a network sees, and its size there. In pixels, counted from the top left corner. */
export interface Crop {
  /** Taken out of the image as it is stored. */
  readonly region: Rectangle;
  /** What the region is then brought to. */
  readonly height: number;
  readonly width: number;
  /** Taken out of that. */
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
