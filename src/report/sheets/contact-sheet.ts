/** Draws images side by side with captions, as a PNG file. */
import type { OverlayOptions } from 'sharp';
import { libvips } from '../../data/image/decode-region';
import type { Size } from '../../data/image/header';
import type { Sample } from './augmented-samples';

/** Images per row. */
const columns = 4;
/**
 * The side of the square for each image. Smaller images are enlarged by a whole number, larger ones are shrunk to fit.
 */
const side = 256;
const gap = 12;
const lineHeight = 22;
const paper = '#ffffff';
const ink = '#000000';
const quiet = '#555555';

/** Draws images side by side under a title, each with its caption and name below; returns the bytes of a PNG file. */
export async function contactSheet(title: string, samples: readonly Sample[]): Promise<Buffer> {
  const rows = Math.ceil(samples.length / columns);
  const captionHeight = samples.some(({ name }) => name !== undefined) ? 2 * lineHeight : lineHeight;
  const layers = await Promise.all(
    samples.map(async (sample, index) => {
      const left = gap + (index % columns) * (side + gap);
      const top = 2 * gap + lineHeight + Math.floor(index / columns) * (side + captionHeight + gap);
      const size = shownSize(sample);
      return [
        await imageLayer(sample, size, left, top),
        await textLayer(sample.caption, left, top + size.height + 4, side),
        ...(sample.name === undefined
          ? []
          : [await textLayer(sample.name, left, top + size.height + lineHeight, side, quiet)]),
      ];
    }),
  );
  const width = gap + columns * (side + gap);
  const height = 2 * gap + lineHeight + rows * (side + captionHeight + gap);
  return libvips()({ create: { width, height, channels: 3, background: paper } })
    .composite([await textLayer(title, gap, gap, width - 2 * gap), ...layers.flat()])
    .removeAlpha()
    .png()
    .toBuffer();
}

function shownSize({ height, width }: Size): Size {
  const longer = Math.max(height, width);
  const scale = longer > side ? side / longer : Math.floor(side / longer);
  return { height: Math.max(1, Math.round(height * scale)), width: Math.max(1, Math.round(width * scale)) };
}

async function imageLayer(sample: Sample, size: Size, left: number, top: number): Promise<OverlayOptions> {
  const { height, width, pixels } = sample;
  const kernel = size.height < height || size.width < width ? 'linear' : 'nearest';
  const image = libvips()(pixels, { raw: { height, width, channels: 3 } });
  const input = await image
    .resize({ ...size, fit: 'fill', kernel })
    .png()
    .toBuffer();
  return { input, left, top };
}

/** A line of text, scaled down where it is longer than `width`. */
export async function textLayer(
  line: string,
  left: number,
  top: number,
  width: number,
  colour = ink,
): Promise<OverlayOptions> {
  const escaped = line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const coloured = `<span foreground="${colour}">${escaped}</span>`;
  const image = libvips()({ text: { text: coloured, font: 'sans 10', rgba: true, dpi: 90, wrap: 'none' } });
  const input = await image
    .resize({ width, height: lineHeight - 6, fit: 'inside', withoutEnlargement: true })
    .png()
    .toBuffer();
  return { input, left, top };
}
