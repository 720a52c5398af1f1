import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { seededRandom } from '../../../src/core/random';

/** Kinds of images that anybody could tell apart. */
const kinds = {
  bright: () => 200,
  dark: () => 30,
  striped: (row: number) => (Math.floor(row / 4) % 2 === 0 ? 220 : 20), // from left to right
} as const;
export type Kind = keyof typeof kinds;

/**
 * Draws images of a kind, all different, `00.png` and so on.
 * @param from the number of the first
 */
export async function drawKind(folder: string, kind: Kind, count: number, from = 0): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (let index = from; index < from + count; index++) {
    const random = seededRandom(7000 + index);
    const [height, width] = [36 + (index % 3), 40];
    const pixels = Uint8Array.from(
      { length: height * width },
      (_, at) => kinds[kind](Math.floor(at / width)) + Math.round(random.uniform(-20, 20)),
    );
    const image = sharp(pixels, { raw: { height, width, channels: 1 } });
    await image.toFile(join(folder, `${String(index).padStart(2, '0')}.png`));
  }
}
