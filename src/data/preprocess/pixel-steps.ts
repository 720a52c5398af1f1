/** Padding and changes of single pixels, worked out beforehand as a table for each channel. */
import { elementCount } from '../../core/shape';
import { UserError } from '../../core/errors';
import type { ImageShape, Preprocess } from '../../core/network';
import type { Pixels } from '../image/pixels';

/** Steps in which each value depends on one pixel only. */
export type PixelStep = Extract<Preprocess, { readonly kind: 'pad' | 'range' | 'subtract' }>;

/** Steps prepared for images of one shape: a table of 256 values for each channel, and the margin of padding. */
export interface PixelSteps {
  /** The shape of an image with its margin. */
  readonly shape: ImageShape;
  /**
   * Writes the values of images with their margins, `[images, …shape]`, into `values`.
   * @param pixels `[images, height, width, channels]`
   */
  apply(pixels: Pixels, images: number, values: Float32Array): void;
  /** The linear function that `apply` computes for each pixel; undefined if there is a margin. */
  readonly lines: Lines | undefined;
}

/** For each channel, the value as a linear function of the pixel: `offset` + `slope` · pixel. */
export interface Lines {
  readonly offset: Float64Array;
  readonly slope: Float64Array;
}

type ValueOf = (pixel: number, channel: number) => number;

/** @throws UserError when an image does not fit into its padding, or `subtract` does not have one value per channel */
export function pixelSteps(shape: ImageShape, steps: readonly PixelStep[]): PixelSteps {
  const [height, width, channels] = shape;
  let padded: Padded = { pixels: new Uint8Array(elementCount(shape)), shape, top: 0, left: 0 };
  let valueOf: ValueOf = (pixel) => pixel;
  for (const step of steps) {
    if (step.kind === 'pad') padded = pad(padded, step);
    else valueOf = valuesOf(step, channels);
  }
  const { top, left } = padded;
  const [rows, columns] = padded.shape;
  const size = elementCount(padded.shape);
  const lines = linesOf(valueOf, channels);
  const [ofBytes, ofNumbers] = [byTable(valueOf, channels), byLine(lines)];
  const margin = rows > height || columns > width ? new Float32Array(size) : undefined;
  if (margin) ofBytes(padded.pixels, margin, 0, 0, size);
  return {
    shape: padded.shape,
    lines: margin ? undefined : lines,
    apply: (pixels, images, values) => {
      for (let image = 0, source = 0; image < images; image++) {
        if (margin) values.set(margin, image * size);
        for (let line = 0; line < height; line++, source += width * channels) {
          const target = image * size + ((top + line) * columns + left) * channels;
          if (pixels instanceof Uint8Array) ofBytes(pixels, values, source, target, width * channels);
          else ofNumbers(pixels, values, source, target, width * channels);
        }
      }
    },
  };
}

function valuesOf(step: Exclude<PixelStep, { kind: 'pad' }>, channels: number): ValueOf {
  if (step.kind === 'range') {
    const { black, white } = step;
    return (pixel) => black + ((white - black) * pixel) / 255;
  }
  const { mean, deviation = mean.map(() => 1) } = step;
  if (mean.length !== channels || deviation.length !== channels) {
    throw new UserError(
      `preprocess: expected a mean for each of ${channels} channels, found ${mean.length} values` +
        (deviation.length === mean.length ? '' : ` and ${deviation.length} deviations`),
    );
  }
  return (pixel, channel) => (pixel - mean[channel]!) / deviation[channel]!;
}

/**
 * Converts `length` values beginning at `source` into values beginning at `target`; both begin with the first channel.
 */
type Take<P extends Pixels> = (
  pixels: P,
  values: Float32Array,
  source: number,
  target: number,
  length: number,
) => void;

function byTable(valueOf: ValueOf, channels: number): Take<Uint8Array> {
  // The value for a channel and a pixel is at 256 · channel + pixel.
  const table = Float32Array.from({ length: 256 * channels }, (_, at) => valueOf(at & 255, at >> 8));
  const tableEnd = table.length;
  return (pixels, values, source, target, length) => {
    for (const end = target + length; target < end;) {
      for (let start = 0; start < tableEnd; start += 256) {
        values[target++] = table[start + pixels[source++]!]!;
      }
    }
  };
}

/** The steps as lines, since every value is a linear function of its pixel. */
function linesOf(valueOf: ValueOf, channels: number): Lines {
  const offset = Float64Array.from({ length: channels }, (_, channel) => valueOf(0, channel));
  return { offset, slope: offset.map((black, channel) => (valueOf(255, channel) - black) / 255) };
}

function byLine({ offset, slope }: Lines): Take<Float32Array> {
  const channels = offset.length;
  return (pixels, values, source, target, length) => {
    for (const end = target + length; target < end;) {
      for (let channel = 0; channel < channels; channel++) {
        values[target++] = offset[channel]! + slope[channel]! * pixels[source++]!;
      }
    }
  };
}

/** A margin of pixels around the image, which begins at (`top`, `left`). */
interface Padded {
  readonly pixels: Uint8Array;
  readonly shape: ImageShape;
  readonly top: number;
  readonly left: number;
}

/** If a margin is odd, its larger half is below or to the right. */
function pad(inner: Padded, step: Extract<Preprocess, { readonly kind: 'pad' }>): Padded {
  const [height, width, channels] = inner.shape;
  if (height > step.height || width > step.width) {
    throw new UserError(
      `preprocess: expected images of at most ${step.height}x${step.width} pixels to pad, found ${height}x${width}`,
    );
  }
  const top = Math.floor((step.height - height) / 2);
  const left = Math.floor((step.width - width) / 2);
  const pixels = new Uint8Array(step.height * step.width * channels).fill(step.value);
  for (let line = 0; line < height; line++) {
    const row = inner.pixels.subarray(line * width * channels, (line + 1) * width * channels);
    pixels.set(row, ((top + line) * step.width + left) * channels);
  }
  const shape = [step.height, step.width, channels] as const;
  return { pixels, shape, top: inner.top + top, left: inner.left + left };
}
