import { existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Page } from 'playwright-core';
import { importModel, openTrained } from '../../index';
import { openImage } from '../../src/data/image/open-image';
import type { Crop } from '../../src/data/image/crop';
import { testInChromium } from '../support/pages/chromium';
import { buildSite, onPage } from '../support/pages/page';
import { fixtures } from '../support/places';

let site: string;

beforeAll(async () => void (site = await buildSite()));

/** The pixels that the page makes of a file on its server. */
function decodedIn(page: Page, url: string, channels: 1 | 3, crop?: Crop): Promise<number[]> {
  return page.evaluate(
    async ({ url, channels, crop }) => {
      const blob = await (await fetch(url)).blob();
      const image = await lib.openPageImage(lib.pageImage(blob, url), channels);
      return [...(await image.decode(crop))];
    },
    { url, channels, crop },
  );
}

const apart = (one: ArrayLike<number>, other: ArrayLike<number>) => {
  expect(one.length).toBe(other.length);
  return Array.from(one).reduce((most, value, at) => Math.max(most, Math.abs(value - other[at]!)), 0);
};

testInChromium(
  'a page sees files as Pillow does: colours, greys, transparency, profiles and turned photos',
  (browser) =>
    onPage(browser, async (page, address) => {
      symlinkSync(join(fixtures, 'images', 'stored'), join(site, 'stored'));
      const all = readdirSync(join(fixtures, 'images', 'stored'));
      // Chromium reads no TIFF, blends transparent AVIF otherwise, ignores how a WebP is turned, and shows frames of GIFs
      // that leave a part of the screen free on another ground.
      const read = all.filter((name) => /\.(?:jpg|png|webp|bmp|avif)$/.test(name));
      const files = read.filter((name) => !['avif-alpha.avif', 'orientation-6.webp'].includes(name));
      expect(files.length).toBeGreaterThan(30);
      for (const name of files) {
        const golden = sharp(join(fixtures, 'images', 'decoded', `${name}.png`)).removeAlpha();
        const pixels = await golden.toColourspace('srgb').raw().toBuffer();
        const most = apart(await decodedIn(page, `${address}/stored/${name}`, 3), pixels);
        expect([name, most <= (/alpha\.webp|cmyk/.test(name) ? 1 : 0)]).toEqual([name, true]);
      }
    }),
);

testInChromium('a page resizes photos as Node does, however much they shrink, and greys them', (browser) =>
  onPage(browser, async (page, address) => {
    const [height, width] = [1201, 1603];
    const noise = Uint8Array.from({ length: 3 * 61 * 45 }, (_, at) => (at * 2654435761) >>> 24);
    const photo = join(site, 'photo.png');
    await sharp(noise, { raw: { width: 61, height: 45, channels: 3 } })
      .resize(width, height, { fit: 'fill', kernel: 'cubic' })
      .png()
      .toFile(photo);
    for (const [tall, wide] of [
      [600, 800],
      [224, 299],
      [100, 1000],
      [17, 33],
      [1500, 1700],
    ] as const) {
      const crop: Crop = {
        region: { top: 3, left: 10, height: height - 5, width: width - 21 },
        height: tall,
        width: wide,
        window: { top: 2, left: 5, height: 12, width: 20 },
        flip: wide === 299,
      };
      for (const channels of [1, 3] as const) {
        const expected = await (await openImage({ file: photo }, channels)).decode(crop);
        const most = apart(await decodedIn(page, `${address}/photo.png`, channels, crop), expected);
        expect([tall, wide, channels, most <= 2]).toEqual([tall, wide, channels, true]); // libvips rounds its shares more coarsely
      }
    }
  }),
);

testInChromium('an image element, a canvas, a bitmap, pixels and a video are seen alike', (browser) =>
  onPage(browser, async (page, address) => {
    const picture = join(fixtures, 'images', 'stored', 'drawn.png');
    writeFileSync(join(site, 'drawn.png'), readFileSync(picture));
    const { data, info } = await sharp(picture)
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const found = await page.evaluate(async (url) => {
      const blob = await (await fetch(url)).blob();
      const element = new Image();
      element.src = url;
      await element.decode();
      element.width = 7; // how large it is shown does not matter
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width: element.naturalWidth, height: element.naturalHeight });
      const context = canvas.getContext('2d')!;
      context.drawImage(element, 0, 0);
      const offscreen = new OffscreenCanvas(canvas.width, canvas.height);
      offscreen.getContext('2d')!.drawImage(element, 0, 0);
      const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
      const sources = { blob, element, canvas, offscreen, pixels, bitmap: await createImageBitmap(blob) };
      const decoded: Record<string, number[]> = {};
      for (const [name, source] of Object.entries(sources)) {
        const opened = await lib.openPageImage(lib.pageImage(source, name), 3);
        decoded[name] = [...(await opened.decode())];
      }
      const refused = async (work: Promise<unknown>) =>
        work.then(
          () => 'nothing',
          (error: Error) => error.message,
        );
      return {
        decoded,
        empty: await refused(lib.openPageImage(lib.pageImage(document.createElement('video'), 'camera'), 3)),
        text: await refused(lib.openPageImage(lib.pageImage(new File(['no image'], 'notes.txt'), 'x'), 3)),
      };
    }, `${address}/drawn.png`);
    expect(info.channels).toBe(3);
    for (const pixels of Object.values(found.decoded)) expect(apart(pixels, data)).toBe(0);
    expect(found.empty).toBe('camera: expected an image that is loaded, found one without a size');
    expect(found.text).toMatch(/^notes\.txt: expected an image that the browser reads, found none \(/);
  }),
);

const root = process.env['LINEAGE_DATA'];
const weights = root && join(root, 'googlenet', 'bvlc_googlenet.caffemodel');
const photos = root && join(root, 'imagenet-val', 'images');

if (weights && photos && existsSync(weights) && existsSync(photos)) {
  testInChromium(
    'GoogLeNet names the first 50 validation images of ImageNet as in Node',
    (browser) =>
      onPage(browser, async (page, address) => {
        const folder = join(site, 'googlenet');
        const labels = join(root, 'imagenet-val', 'synset_words.txt');
        await importModel({ file: weights, network: 'googlenet', out: folder, labels });
        const names = readdirSync(photos).sort().slice(0, 50);
        symlinkSync(photos, join(site, 'photos'));
        const here = await openTrained(folder);
        const expected = await here.classify(names.map((name) => join(photos, name)));
        here.dispose();
        const found = await page.evaluate(
          async ({ address, names }) => {
            await lib.useBackend('wasm');
            const model = await lib.openModel(`${address}/googlenet`, { googlenet: lib.googlenet });
            const answers: (readonly { label: string; probability: number | null }[])[] = [];
            for (const name of names)
              answers.push(await model.classify(await (await fetch(`${address}/photos/${name}`)).blob()));
            model.dispose();
            return answers;
          },
          { address, names },
        );
        names.forEach((name, at) => {
          const [ours, theirs] = [found[at]!, expected[at]!];
          expect([name, ours.map(({ label }) => label)]).toEqual([name, theirs.map(({ label }) => label)]);
          const most = ours.map(({ probability }, rank) =>
            Math.abs(probability! - theirs[rank]!.probability!),
          );
          expect([name, Math.max(...most) < 1e-3]).toEqual([name, true]);
        });
      }),
    300_000,
  );
}
