/** The page of an evaluation that a caller asks for: one HTML file, with small pictures of the mistakes on request. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../core/errors';
import { writeFileAtomically } from '../../core/io/files';
import { deviceOf, type Device } from '../../core/text/device';
import { option } from '../../core/text/wording';
import type { ImageSet } from '../../data/dataset';
import { libvips } from '../../data/image/decode-region';
import { imageName } from '../../data/image/image-error';
import { openImageOf } from '../../data/loader/loader';
import type { Answer } from '../../evaluate/metrics/answers';
import { runPage } from '../../report/page/run/run-page';
import type { RunPageData, WrongImage } from '../../report/page/run/run-page-data';
import { wrongAnswers } from '../../report/page/run/wrong-answers';
import { readLog, type EpochSummary } from '../../train/run/log';
import { runFiles } from '../../train/run/run-record';
import type { Context } from '../context';
import { expectEnding, expectPlaceFor } from '../data/found-path';

/** The page that an evaluation is shown as. */
export interface HtmlOptions {
  /** An HTML file: the report as a page, with charts, confusions and mistakes; it needs no network. */
  readonly html?: string | undefined;
  /** Whether the page has small pictures of the images that were answered wrongly, besides their names. Default: no. */
  readonly thumbnails?: boolean | undefined;
}

/**
 * Checks the file before anything is computed.
 * @throws UserError if it is not an HTML file, its folder does not exist, or there are to be pictures but no page
 */
export function checkHtml({ html, thumbnails }: HtmlOptions): void {
  if (html === undefined) {
    if (thumbnails !== undefined)
      throw new UserError(
        `${option('thumbnails')}: expected a page to put them into, found no ${option('html')}`,
      );
    return;
  }
  expectEnding('html', html, '.html');
  expectPlaceFor('html', html);
}

/** The longer side of a small picture, in pixels. */
const side = 112;

/** Writes the page, if one was asked for. */
export async function writeHtml(
  { html, thumbnails = false }: HtmlOptions,
  found: {
    readonly report: RunPageData['report'] & { readonly machine: object };
    readonly set: ImageSet;
    readonly answers: readonly Answer[];
    /** The folder of the run or model; null for several together. */
    readonly folder: string | null;
  },
  { provenance, remark }: Pick<Context, 'provenance' | 'remark'>,
): Promise<void> {
  if (html === undefined) return;
  const { report, set, answers, folder } = found;
  const { backend, ...machine }: { readonly backend?: unknown } = report.machine;
  const { worst, pairs, allPairs } = wrongAnswers(answers);
  const nameOf = namesIn(set, [...worst, ...pairs.flatMap(({ shown }) => shown)]);
  const drawn = new Map<number, Promise<WrongImage['thumbnail']>>();
  const draw = (image: number) => {
    const known = drawn.get(image) ?? thumbnailOf(set, image);
    drawn.set(image, known);
    return known;
  };
  const wrongImages = async (of: typeof worst): Promise<readonly WrongImage[]> => {
    const images: WrongImage[] = [];
    // One after the other, since photographs are large while they are open.
    for (const { image, label, best, probability } of of)
      images.push({
        ...{ name: nameOf(image), label, answer: best[0]!, probability },
        thumbnail: thumbnails ? await draw(image) : null,
      });
    return images;
  };
  const shown = [];
  for (const pair of pairs) shown.push({ ...pair, shown: await wrongImages(pair.shown) });
  const page = await runPage({
    report,
    device: `${deviceOf(machine as Device)}, ${String(backend)}`,
    epochs: folder === null ? [] : epochsOf(folder, remark),
    wrong: { worst: await wrongImages(worst), pairs: shown, allPairs },
    made: { ...provenance, at: new Date() },
  });
  await writeFileAtomically(html, page);
}

function epochsOf(folder: string, remark: (line: string) => void): readonly EpochSummary[] {
  if (!existsSync(join(folder, runFiles.log))) return [];
  return readLog(folder, remark).flatMap((line) => ('meanLoss' in line ? [line] : []));
}

/** Names of images without the folders that they have in common; of images in one file, their places. */
function namesIn(set: ImageSet, images: readonly { readonly image: number }[]): (image: number) => string {
  if (set.kind === 'pixels') return (image) => `image ${image}`;
  const folders = images.map(({ image }) => imageName(set.files[image]!).split('/').slice(0, -1));
  const [one = [], ...others] = folders;
  let same = one.length;
  for (const other of others)
    while (same > 0 && other.slice(0, same).join('/') !== one.slice(0, same).join('/')) same--;
  return (image) => imageName(set.files[image]!).split('/').slice(same).join('/');
}

/** Photographs as WebP; small images, such as digits, pixel by pixel as PNG. */
async function thumbnailOf(set: ImageSet, index: number): Promise<WrongImage['thumbnail']> {
  const image = await openImageOf(set, index, 3);
  const { size, channels } = image;
  const raw = libvips()(Buffer.from(await image.decode()), {
    raw: { ...size, channels: channels as 1 | 3 },
  });
  if (Math.max(size.height, size.width) <= side)
    return { type: 'image/png', bytes: await raw.png({ compressionLevel: 9 }).toBuffer() };
  const resized = raw.resize({ width: side, height: side, fit: 'inside' });
  return { type: 'image/webp', bytes: await resized.webp({ quality: 70 }).toBuffer() };
}
