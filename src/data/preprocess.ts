import { UserError } from '../errors';
import type { ImageShape, Preprocess } from '../network';
import { shrink } from './shrink';

/**
 * What the network sees of stored images: pixels `[images, height, width, channels]` (0–255), taken through `steps`
 * in order. Without a `range` step the values are the pixels themselves.
 * @returns new values `[images, height, width, channels]` and the shape of one image
 * @throws UserError where `preprocessedShape` does
 */
export function preprocess(
  pixels: Uint8Array,
  images: number,
  shape: ImageShape,
  steps: readonly Preprocess[],
): { values: Float32Array; shape: ImageShape } {
  const [first, ...others] = steps;
  if (first?.kind === 'shrink') {
    return preprocess(shrink(pixels, images, shape, first), images, shrunk(shape, first), others);
  }
  const { frame, frameShape, top, left, valueOf } = plan(shape, steps);
  const [height, width, channels] = shape;
  const row = width * channels;
  const frameRow = frameShape[1] * channels;
  const values = new Float32Array(images * frame.length);
  for (let image = 0, source = 0; image < images; image++) {
    const start = image * frame.length;
    values.set(frame, start);
    for (let line = 0; line < height; line++) {
      const target = start + (top + line) * frameRow + left * channels;
      for (
        let offset = 0, channel = 0;
        offset < row;
        offset++, channel = channel + 1 === channels ? 0 : channel + 1
      ) {
        values[target + offset] = valueOf[256 * channel + pixels[source++]!]!;
      }
    }
  }
  return { values, shape: frameShape };
}

/**
 * The shape that `preprocess` gives an image of the given shape.
 * @throws UserError when an image is larger than the size it is to be padded to or smaller than the one it is to be
 *   shrunk to, a step follows `range` or `subtract`, `shrink` does not come first, or `subtract` has not one value a
 *   channel
 */
export function preprocessedShape(shape: ImageShape, steps: readonly Preprocess[]): ImageShape {
  const [first, ...others] = steps;
  if (first?.kind === 'shrink') {
    shrink(new Uint8Array(), 0, shape, first); // refuses what cannot be shrunk
    return preprocessedShape(shrunk(shape, first), others);
  }
  return plan(shape, steps).frameShape;
}

function shrunk(shape: ImageShape, { height, width }: Extract<Preprocess, { kind: 'shrink' }>): ImageShape {
  return [height, width, shape[2]];
}

/** The steps worked out for one shape: an image without its inner part, where that goes, and the value of each pixel. */
interface Plan {
  /** `[height, width, channels]` of `frameShape`, in the network's values. */
  readonly frame: Float32Array;
  readonly frameShape: ImageShape;
  readonly top: number;
  readonly left: number;
  /** By channel and pixel: at 256 · channel + pixel. */
  readonly valueOf: Float32Array;
}

function plan(shape: ImageShape, steps: readonly Preprocess[]): Plan {
  let padded: Padded = { pixels: new Uint8Array(shape[0] * shape[1] * shape[2]), shape, top: 0, left: 0 };
  const channels = shape[2];
  const valueOf = Float32Array.from({ length: 256 * channels }, (_, at) => at % 256);
  for (const [index, step] of steps.entries()) {
    const before = steps[index - 1]?.kind;
    if (before !== undefined && before !== 'pad') {
      throw new UserError(
        `preprocess: expected nothing after "${before}", for it ends the pixels, found "${step.kind}" there`,
      );
    }
    switch (step.kind) {
      case 'shrink':
        throw new UserError('preprocess: expected "shrink" before all other steps, found it after "pad"');
      case 'pad':
        padded = pad(padded, step);
        break;
      case 'range':
        valueOf.forEach(
          (pixel, at) => (valueOf[at] = step.black + ((step.white - step.black) * pixel) / 255),
        );
        break;
      case 'subtract': {
        const { mean, deviation = mean.map(() => 1) } = step;
        if (mean.length !== channels || deviation.length !== channels) {
          throw new UserError(
            `preprocess: expected a mean for each of ${channels} channels, found ${mean.length} values` +
              (deviation.length === mean.length ? '' : ` and ${deviation.length} deviations`),
          );
        }
        valueOf.forEach((pixel, at) => {
          const channel = Math.floor(at / 256);
          valueOf[at] = (pixel - mean[channel]!) / deviation[channel]!;
        });
        break;
      }
      default:
        step satisfies never;
    }
  }
  return {
    frame: Float32Array.from(padded.pixels, (pixel, at) => valueOf[256 * (at % channels) + pixel]!),
    frameShape: padded.shape,
    top: padded.top,
    left: padded.left,
    valueOf,
  };
}

/** A frame of pixels around the place (`top`, `left`) where the image goes. */
interface Padded {
  readonly pixels: Uint8Array;
  readonly shape: ImageShape;
  readonly top: number;
  readonly left: number;
}

/** Of an odd margin the larger half lies below and to the right. */
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
