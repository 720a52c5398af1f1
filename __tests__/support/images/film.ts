import { writeFileSync } from 'node:fs';
import sharp from 'sharp';

const [width, height] = [320, 240];
/** At ten frames a second, three seconds of each picture. */
const frames = 30;

/**
 * Writes a film for Chromium's fake camera that shows one picture after the other, again and again, each a little moved
 * from frame to frame. YUV4MPEG2 holds a header, and for each frame its greys and the two colours at half the size.
 * @param pictures as SVG, white on dark
 */
export async function filmOf(file: string, pictures: readonly string[]): Promise<void> {
  const parts: Buffer[] = [Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`)];
  for (const picture of pictures)
    for (let frame = 0; frame < frames; frame++) {
      const moved = ((frame * 7) % 13) - 6;
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
        <rect width="${width}" height="${height}" fill="#222"/>
        <g fill="#eee" transform="translate(${moved} ${-moved})">${picture}</g></svg>`;
      const greys = await sharp(Buffer.from(svg)).greyscale().toColourspace('b-w').raw().toBuffer();
      parts.push(Buffer.from('FRAME\n'), greys, Buffer.alloc((width * height) / 2, 128));
    }
  writeFileSync(file, Buffer.concat(parts));
}
