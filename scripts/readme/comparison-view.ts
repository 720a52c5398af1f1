/**
 * Takes the picture of the comparison's page, results/comparison.png: its beginning, and beside it the part of LeNet-5.
 * `npx tsx scripts/readme/comparison-view.ts`; `LINEAGE_CHROMIUM` names the browser.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { compare } from '../../index';
import { anchorOf } from '../../src/report/page/parts/lineage-figure';
import { foldersIn } from '../cli/own-folders';

const picture = join(__dirname, '..', '..', 'results', 'comparison.png');

/** Of each half, in pixels; the gap is grey. */
const [width, height, gap] = [1280, 1500, 16];

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lineage-comparison-'));
  await compare(foldersIn(), { out: folder });
  const page = pathToFileURL(join(folder, 'compare.html')).href;
  const executablePath = process.env['LINEAGE_CHROMIUM'] ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const taken: Buffer[] = [];
  for (const fragment of ['', `#${anchorOf('lenet5')}`]) {
    const view = await browser.newPage({
      viewport: { width, height },
      colorScheme: 'light',
      locale: 'en-US',
    });
    await view.goto(page + fragment);
    taken.push(await view.screenshot());
    await view.close();
  }
  await browser.close();
  rmSync(folder, { recursive: true });
  const halves = taken.map((input, at) => ({ input, top: 0, left: at * (width + gap) }));
  await sharp({ create: { width: 2 * width + gap, height, channels: 3, background: '#999' } })
    .composite(halves)
    .png({ palette: true, colours: 64, dither: 0, compressionLevel: 9 })
    .toFile(picture);
}

void main();
