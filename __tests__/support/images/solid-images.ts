import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { ImageFiles } from '../../../src/data/dataset';

/** The colour that stands for image number `index`: no other within 60 has the same, and all differ by 4 or more. */
export function colourOf(index: number): { readonly r: number; readonly g: number; readonly b: number } {
  return { r: 4 * index, g: 250 - 4 * index, b: (37 * index) % 256 };
}

/**
 * Writes images of one colour each, by which each is known however it is cut and mirrored; of different sizes, and
 * labelled with their number modulo 3.
 * @param side of the smallest
 */
export async function solidImages(folder: string, count: number, side = 12): Promise<ImageFiles> {
  mkdirSync(folder, { recursive: true });
  const files = Array.from({ length: count }, (_, index) =>
    join(folder, `${String(index).padStart(3, '0')}.png`),
  );
  await Promise.all(
    files.map((file, index) =>
      sharp({
        create: {
          width: side + (index % 5),
          height: side + (index % 7),
          channels: 3,
          background: colourOf(index),
        },
      }).toFile(file),
    ),
  );
  return {
    kind: 'files',
    name: 'solid',
    synthetic: true,
    classes: ['0', '1', '2'],
    labels: Int32Array.from(files, (_, index) => index % 3),
    files: files.map((file) => ({ file })),
  };
}

/** Images of noise, in which every pixel tells where it was. */
export async function noisyImages(
  folder: string,
  count: number,
  height: number,
  width: number,
): Promise<ImageFiles> {
  const images = await solidImages(folder, count);
  await Promise.all(
    images.files.map(({ file }, index) => {
      const pixels = Uint8Array.from(
        { length: height * width * 3 },
        (_, at) => ((at + index) * 2654435761) >>> 24,
      );
      return sharp(pixels, { raw: { height, width, channels: 3 } }).toFile(file);
    }),
  );
  return images;
}
