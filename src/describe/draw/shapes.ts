/** The shapes that a drawing consists of. */
import type { Tint } from './graph';

/** A rectangle in pixels; y grows downwards. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The elements of a drawing, each with its bounding box. */
export type Shape =
  /** Feature maps: `count` squares with `side` pixels, each `step` pixels to the right of and above the one before. */
  | (Box & {
      readonly kind: 'planes';
      readonly side: number;
      readonly count: number;
      readonly step: number;
      readonly tint: Tint;
      readonly title: string;
    })
  /** Units of a fully connected layer. */
  | (Box & { readonly kind: 'bar'; readonly tint: Tint; readonly title: string })
  /** An operation inside a module; its lines of text are separate shapes. */
  | (Box & { readonly kind: 'card'; readonly tint: Tint; readonly title: string })
  /** The frame around a module. */
  | (Box & { readonly kind: 'frame' })
  | (Box & {
      readonly kind: 'text';
      readonly text: string;
      readonly size: number;
      readonly style: 'name' | 'plain' | 'operation';
      /** Which part of the box stays in place if the reader's font is narrower. */
      readonly anchor: 'start' | 'middle';
    })
  /** A line through its points, with an arrowhead at the last one if `head` is true. */
  | { readonly kind: 'line'; readonly points: readonly Point[]; readonly head: boolean };

export type Point = readonly [x: number, y: number];

/**
 * An upper estimate of a text's width in pixels, so that it fits whichever sans-serif font the reader has.
 * Widths are DejaVu Sans's, one of the widest.
 */
export function textWidth(text: string, size: number, bold = false): number {
  const em = [...text].reduce(
    (sum, letter) => sum + (widths[letter] ?? (/[A-Z]/.test(letter) ? 0.72 : 0.635)),
    0,
  );
  return Math.ceil(em * size * (bold ? 1.12 : 1));
}

const widths: Readonly<Record<string, number>> = {
  ' ': 0.32, ',': 0.32, '.': 0.32, '/': 0.34, i: 0.28, l: 0.28, j: 0.28, I: 0.3, t: 0.4, f: 0.36, r: 0.42,
  s: 0.53, c: 0.55, k: 0.58, '-': 0.37, '_': 0.5, m: 0.98, w: 0.82, M: 0.87, W: 0.99, '@': 1, '×': 0.84, '+': 0.84,
}; // prettier-ignore

/** A text of one line whose box is centred on `x`, with its top at `y`. */
export function centredText(
  text: string,
  x: number,
  y: number,
  style: 'name' | 'plain' | 'operation',
): Shape {
  const width = textWidth(text, textSize, style === 'name');
  return {
    kind: 'text',
    text,
    size: textSize,
    style,
    anchor: 'middle',
    x: x - width / 2,
    y,
    width,
    height: lineHeight,
  };
}

/** The size of every text except the drawing's title. */
export const textSize = 11;
export const lineHeight = 14;
