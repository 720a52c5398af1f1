/** Decodes a region of an encoded image and shrinks it, by libvips or our own decoders. */
import type sharp from 'sharp';
import { loadedWhenUsed } from '../../core/io/process/optional-package';
import { messageOf } from '../../core/errors';
import { BadImageError } from './bad-image';
import { bmpPixels } from './formats/bmp';
import type { Crop, Rectangle } from './crop';
import { gifPixels } from './formats/gif';
import type { ImageHeader } from './header';

/** The package sharp, which holds libvips and may be missing where npm left optional packages out. */
export const libvips = loadedWhenUsed<typeof sharp>('sharp', 'decoding and drawing images');

/** The part of a crop that libvips does. */
export type Shrinking = Omit<Crop, 'flip'>;

/** What decodes each format: libvips, or a function here that returns the pixels of a region. */
const decoders: Readonly<Record<ImageHeader['format'], 'libvips' | typeof gifPixels>> = {
  JPEG: 'libvips',
  PNG: 'libvips',
  WebP: 'libvips',
  GIF: gifPixels,
  TIFF: 'libvips',
  AVIF: 'libvips',
  BMP: bmpPixels,
};

/** The background behind transparent pixels: white, like a page. */
const background = { r: 255, g: 255, b: 255 };

/**
 * Decodes the region of a stored image, shrinks it, and returns the window of the result.
 * @param file named in errors
 * @param steps the crop; it must not enlarge
 * @returns `[window.height, window.width, 3]`
 * @throws BadImageError when the region is damaged
 */
export async function shrinkStored(
  file: string,
  bytes: Buffer,
  header: ImageHeader,
  steps: Shrinking,
): Promise<Uint8Array> {
  const damaged = (found: string): never => {
    throw new BadImageError(file, `expected a sound ${header.format} image, found ${found}`);
  };
  const run = async (failOn: 'warning' | 'error') => {
    const options = {
      failOn,
      ignoreIcc: true,
      limitInputPixels: false,
      autoOrient: false,
      sequentialRead: true, // everything here works from top to bottom
    } as const;
    const decoder = decoders[header.format];
    if (decoder !== 'libvips') return shrunkRegion(decoder(bytes, steps.region, damaged), steps);
    if (header.unusedSample) {
      return shrunkRegion(await withoutFourth(libvips()(bytes, options), steps.region), steps);
    }
    if (!header.cmyk) {
      const image = libvips()(bytes, options);
      return shrunk(header.format === 'JPEG' ? image : image.flatten({ background }), steps);
    }
    const inks = await libvips()(bytes, options)
      .pipelineColourspace('cmyk')
      .toColourspace('cmyk')
      .raw()
      .toBuffer();
    const { height, width } = header.stored;
    return shrunk(libvips()(cmykToRgb(inks), { raw: { height, width, channels: 3 } }), steps);
  };
  prepareLibvips();
  try {
    // Other decoders warn about profiles and the like, which are not used here.
    if (header.format !== 'JPEG') return await run('error');
    return await run('warning').catch((error: unknown) => {
      if (lostPixels.test(messageOf(error))) throw error;
      return run('error');
    });
  } catch (error) {
    if (error instanceof BadImageError) throw error;
    const [line] = messageOf(error).trim().split('\n');
    return damaged(`it damaged: ${line}`);
  }
}

/**
 * The warnings of libjpeg after which some pixels are invented. After other warnings all pixels are right: for example
 * padding before the end or in the header, or a scan with wrong unused parameters, as some phones write.
 */
const lostPixels = new RegExp(
  'Inconsistent progression|Premature end|Corrupt JPEG data: ' +
    '(premature end|bad Huffman|bad arithmetic|found marker|\\d+ extraneous bytes before marker 0x(c4|d[0-7]|da))',
);

/** The colours without an unused fourth sample, which a resize would otherwise take for alpha. */
async function withoutFourth(image: sharp.Sharp, region: Rectangle): Promise<Uint8Array> {
  const { data, info } = await image
    .extract(region)
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const pixels = new Uint8Array(region.height * region.width * 3);
  for (let source = 0, target = 0; target < pixels.length; source += info.channels) {
    const part = info.channels > 3 ? [0, 1, 2] : [0, 0, 0]; // a grey image
    for (const each of part) pixels[target++] = data[source + each]!;
  }
  return pixels;
}

/**
 * @param pixels the pixels of the region only
 * @returns `[window.height, window.width, 3]`
 */
function shrunkRegion(pixels: Uint8Array, steps: Shrinking): Promise<Uint8Array> {
  const { height, width } = steps.region;
  const image = libvips()(pixels, { raw: { height, width, channels: 3 } });
  return shrunk(image, { ...steps, region: { top: 0, left: 0, height, width } });
}

/** @returns `[window.height, window.width, 3]` */
async function shrunk(image: sharp.Sharp, { region, height, width, window }: Shrinking): Promise<Uint8Array> {
  const { data, info } = await image
    .extract(region)
    .resize({ height, width, fit: 'fill', kernel: 'linear' })
    .extract(window)
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.height === window.height && info.width === window.width && info.channels === 3) return data;
  throw new Error(
    `expected ${window.height}x${window.width}x3 pixels, found ${info.height}x${info.width}x${info.channels}`,
  );
}

let prepared = false;

/** Turns off libvips's cache, which would never be used again, and its threads, since the workers use all cores. */
function prepareLibvips(): void {
  if (prepared) return;
  libvips().cache(false);
  libvips().concurrency(1);
  prepared = true;
}

/**
 * Converts inks to colours without a profile, as Pillow and most readers do: (255 − ink)(255 − black) / 255.
 * @param inks `[pixels, 4]`: cyan, magenta, yellow, black, 255 being full
 * @returns `[pixels, 3]`
 */
export function cmykToRgb(inks: Uint8Array): Uint8Array {
  const { round } = Math;
  const colours = new Uint8Array((inks.length / 4) * 3);
  for (let source = 0, target = 0; source < inks.length; source += 4) {
    const light = 255 - inks[source + 3]!;
    for (let ink = 0; ink < 3; ink++) colours[target++] = light - round((inks[source + ink]! * light) / 255);
  }
  return colours;
}
