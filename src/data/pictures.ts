import type { ImageShape } from '../network';
import type { Labelled } from './dataset';

/** Labelled picture files of any size, decoded when they are read. */
export interface Pictures extends Labelled {
  readonly kind: 'pictures';
  /** One for each label. Plain data, so that worker threads can be handed it. */
  readonly places: readonly Place[];
}

/** Where a picture's bytes lie. */
export interface Place {
  readonly file: string;
  /** Where the picture is part of the file, an archive: its first byte, and how many. */
  readonly part?: { readonly offset: number; readonly length: number; readonly name: string };
  /** Of a picture that was packed (see `packPictures`): the bytes are no encoded picture but its pixels. */
  readonly packed?: PackedPixels;
}

export interface PackedPixels {
  readonly shape: ImageShape;
  /** Of the pixels; null where an earlier release packed them. */
  readonly crc32: number | null;
}
