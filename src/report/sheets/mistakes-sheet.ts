/** Draws all misclassified images (as LeCun et al. 1998, Fig. 8). */
import { libvips } from '../../data/image/decode-region';
import type { Dataset } from '../../data/dataset';
import { isRight, type Answer } from '../../evaluate/metrics/answers';
import { escaped } from '../../describe/draw/svg';

const perRow = 10;
const cell = { width: 72, height: 88 };
const side = 56;
const margin = 12;
const head = 36;

/**
 * Every misclassified image of a data set, ten in a row, with the label and the answer below it, as in LeCun et al.
 * 1998, Fig. 8. Single-channel images are drawn as ink on paper: large pixel values are dark.
 * @param answers to the images of `data`; right ones are left out
 * @returns the sheet as an SVG file and as a PNG file
 */
export async function mistakesSheet(
  answers: readonly Pick<Answer, 'image' | 'label' | 'best'>[],
  data: Dataset,
  title: string,
): Promise<{ readonly svg: string; readonly png: Buffer }> {
  const wrong = answers.filter((answer) => !isRight(answer));
  const images = await Promise.all(wrong.map(({ image }) => pngOf(data, image)));
  const rows = Math.ceil(wrong.length / perRow);
  const [width, height] = [2 * margin + perRow * cell.width, head + margin + rows * cell.height];
  const cells = wrong.map(({ label, best, image }, index) => {
    const x = margin + (index % perRow) * cell.width;
    const y = head + Math.floor(index / perRow) * cell.height;
    const caption = `${data.classes[label]!} → ${data.classes[best[0]!]!}`;
    return [
      `<g><title>${escaped(`image ${image}: ${caption}`)}</title>`,
      `<image x="${x + (cell.width - side) / 2}" y="${y}" width="${side}" height="${side}" image-rendering="pixelated" href="data:image/png;base64,${images[index]!.toString('base64')}"/>`,
      `<text x="${x + cell.width / 2}" y="${y + side + 18}" text-anchor="middle">${escaped(caption)}</text></g>`,
    ].join('');
  });
  const svg = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif" font-size="14" fill="#222222">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${margin + (cell.width - side) / 2}" y="22" font-weight="bold" font-size="15">${escaped(title)}</text>`,
    ...cells,
    '</svg>',
    '',
  ].join('\n');
  return { svg, png: await libvips()(Buffer.from(svg)).png({ palette: true }).toBuffer() };
}

/** One image as a PNG file. */
async function pngOf(data: Dataset, image: number): Promise<Buffer> {
  const [height, width, channels] = data.shape;
  const pixels = await data.pixels(Int32Array.of(image));
  const ink = channels === 1 ? pixels.map((pixel) => 255 - pixel) : pixels;
  const raw = { width, height, channels: channels as 1 | 3 };
  return libvips()(ink, { raw })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();
}
