import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from 'axe-core';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { exportModel } from '../../../index';
import { served, testInChromium } from '../../support/pages/chromium';
import { temporaryFolder } from '../../support/fixtures';
import { projectRoot } from '../../support/places';

const root = temporaryFolder();
const site = join(root, 'site');
const photos = join(root, 'photos');
const film = join(root, 'one.y4m');

/** A one in white on black, which is known without asking the network. */
const one = '<rect x="150" y="40" width="22" height="160" fill="white"/>';

beforeAll(async () => {
  await exportModel('lenet5', { format: 'tfjs', out: site });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240"><rect width="320" height="240"/>${one}</svg>`;
  const grey = await sharp(Buffer.from(svg)).greyscale().raw().toBuffer({ resolveWithObject: true });
  const luma = Buffer.alloc(320 * 240);
  for (let at = 0; at < luma.length; at++) luma[at] = grey.data[at * grey.info.channels]!;
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, Buffer.alloc(160 * 120 * 2, 128)]);
  writeFileSync(
    film,
    Buffer.concat([Buffer.from('YUV4MPEG2 W320 H240 F10:1 Ip A1:1 C420jpeg\n'), frame, frame]),
  );
  mkdirSync(join(photos, 'a, b'), { recursive: true });
  const picture = await sharp(Buffer.from(svg)).png().toBuffer();
  for (const name of ['2.png', '10.png']) writeFileSync(join(photos, 'a, b', name), picture);
  writeFileSync(join(photos, 'broken.png'), 'no image');
  writeFileSync(join(photos, 'notes.txt'), 'nothing');
});

const camera = ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film}`];

async function opened(page: Page, address: string): Promise<readonly string[]> {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${address}/classify.html`);
  await page.waitForFunction(`/^(Ready|The model)/.test(document.getElementById('status').textContent)`);
  expect(await page.textContent('#status')).toMatch(/^Ready/);
  return complaints;
}

const said = (page: Page, pattern: RegExp) =>
  page.waitForFunction(`${String(pattern)}.test(document.getElementById('status').textContent)`);

/** A picture of the page for who asks for it. */
async function seen(page: Page, name: string): Promise<void> {
  const folder = process.env['LINEAGE_SCREENSHOTS'];
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    if (folder) await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true });
  }
}

/** What keeps people from using the page. */
async function expectUsable(page: Page): Promise<void> {
  await page.evaluate(AxeBuilder.source);
  const found = await page.evaluate<string[]>(
    `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html))`,
  );
  expect(found).toEqual([]);
}

testInChromium(
  'the camera is watched until it is stopped',
  async (browser) => {
    await served(site, async (address) => {
      const context = await browser.newContext({ permissions: ['camera'] });
      const page = await context.newPage();
      const complaints = await opened(page, address);
      await page.click('#camera');
      await page.waitForSelector('#answers td');
      expect(await page.textContent('#answers td:first-child')).toBe('1');
      expect(await page.textContent('#camera')).toBe('Stop the camera');
      await page.waitForFunction(`/ ms a picture$/.test(document.getElementById('rate').textContent)`);
      await seen(page, 'camera');
      await expectUsable(page);
      const stream = await page.evaluateHandle(`document.getElementById('video').srcObject`);
      await page.click('#camera');
      await said(page, /^The camera is off/);
      expect(await page.isVisible('#video')).toBe(false);
      expect(
        await stream.evaluate((given) =>
          (given as MediaStream).getTracks().map(({ readyState }) => readyState),
        ),
      ).toEqual(['ended']);
      expect(complaints).toEqual([]);
    });
  },
  240_000,
  camera,
);

testInChromium(
  'says in one line that there is no camera, or that it is not allowed',
  async (browser) => {
    await served(site, async (address) => {
      const page = await browser.newPage();
      await opened(page, address);
      await page.click('#camera');
      await said(page, /^(No camera was found\.|This page may not use the camera: .*)$/);
      expect(await page.textContent('#camera')).toBe('Use the camera');
    });
  },
  240_000,
);

testInChromium(
  'a folder gives a table, which is kept as CSV',
  async (browser) => {
    await served(site, async (address) => {
      const page = await browser.newPage();
      const complaints = await opened(page, address);
      await page.setInputFiles('#folder', photos);
      await said(
        page,
        /^3 images, .*1 of them cannot be read by this browser\. 1 other file is not an image\.$/,
      );
      const cells = (row: number) =>
        page.$$eval(`#files tr:nth-child(${row}) :is(th, td)`, (all) => all.map((cell) => cell.textContent));
      const first = await cells(1);
      expect([first[1], first[2]]).toEqual(['photos/a, b/2.png', '1']);
      expect((await cells(2))[1]).toBe('photos/a, b/10.png');
      expect((await cells(3)).slice(1)).toEqual(['photos/broken.png', 'cannot be read', '']);
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('#csv')]);
      const lines = readFileSync(await download.path(), 'utf8').split('\r\n');
      expect(lines[0]).toBe('file,class 1,score 1,class 2,score 2,class 3,score 3');
      const table = readFileSync(join(projectRoot, 'docs', 'formats.md'), 'utf8').split(
        "### The page's table",
      )[1]!;
      for (const column of ['file', 'class 1', 'class 2', 'class 3', 'score 1', 'score 3'])
        expect(table.split('###')[0]).toContain(`\`${column}\``);
      expect(lines[1]).toMatch(/^"photos\/a, b\/2\.png",1,[\d.]+,\d,[\d.]+,\d,[\d.]+$/);
      expect(lines.slice(3)).toEqual(['photos/broken.png,,,,,,', '']);
      await seen(page, 'folder');
      await expectUsable(page);
      expect(complaints).toEqual([]);
    });
  },
  240_000,
);

/** Drops files and folders of this machine on the page, as the system's file manager does. */
async function drop(page: Page, files: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const at = { x: 100, y: 100, data: { items: [], files: [...files], dragOperationsMask: 1 } };
  for (const type of ['dragEnter', 'dragOver'] as const)
    await session.send('Input.dispatchDragEvent', { type, ...at });
  expect(await page.getAttribute('#drop', 'class')).toContain('over');
  await session.send('Input.dispatchDragEvent', { type: 'drop', ...at });
  expect(await page.getAttribute('#drop', 'class')).not.toContain('over');
}

testInChromium(
  'folders and files are dropped, with what is in them',
  async (browser) => {
    // Chromium hands out the entries of a folder in parts of a hundred.
    const many = join(root, 'many');
    mkdirSync(join(many, 'deeper'), { recursive: true });
    mkdirSync(join(root, 'empty'), { recursive: true });
    const picture = readFileSync(join(photos, 'a, b', '2.png'));
    for (let at = 0; at < 130; at++) writeFileSync(join(many, `${at}.txt`), 'nothing');
    writeFileSync(join(many, 'deeper', 'one.png'), picture);
    await served(site, async (address) => {
      const page = await browser.newPage();
      const complaints = await opened(page, address);
      await drop(page, [photos, many, join(photos, 'a, b', '10.png')]);
      await said(
        page,
        /^5 images, .* 1 of them cannot be read by this browser\. 131 other files are not images\.$/,
      );
      const shown = await page.$$eval('#files th', (all) => all.map((cell) => cell.textContent));
      expect(shown).toEqual([
        '10.png',
        'many/deeper/one.png',
        'photos/a, b/2.png',
        'photos/a, b/10.png',
        'photos/broken.png',
      ]);
      await seen(page, 'dropped');
      await drop(page, [join(photos, 'a, b', '2.png')]);
      await said(page, /^2\.png: \d+ ms/);
      expect(await page.textContent('#answers td:first-child')).toBe('1');
      expect(await page.isVisible('#several')).toBe(false);
      await drop(page, [join(root, 'empty')]);
      await said(page, /^No file was found in what was dropped\.$/);
      await drop(page, [join(photos, 'notes.txt'), join(many, '1.txt')]);
      await said(page, /^No image was found among 2 files\.$/);
      expect(complaints).toEqual([]);
    });
  },
  240_000,
);
