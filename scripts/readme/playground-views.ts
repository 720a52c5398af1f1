/**
 * Takes the pictures of the playground in docs/playground/: `npx tsx scripts/readme/playground-views.ts [MODEL PHOTO]`,
 * with `LINEAGE_DATA`; the folder of GoogLeNet and a photo are for the picture of that part. `LINEAGE_CHROMIUM` names
 * the browser.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { writePlayground } from '../../index';

const folder = join(__dirname, '..', '..', 'docs', 'playground');
const timeout = 60_000;

/** A picture: what the address says, how tall the window is, and what is done before. */
interface View {
  readonly name: string;
  readonly fragment: string;
  readonly height?: number;
  readonly width?: number;
  readonly dark?: boolean;
  readonly before?: (page: Page) => Promise<void>;
}

const views: readonly View[] = [
  { name: 'draw-and-look', fragment: 'tab=glance&picture=sample-3&unit=C3.7.4.5&lang=en', height: 1180 },
  { name: 'phone', fragment: 'tab=glance&picture=sample-3&lang=zh', width: 390, height: 844, dark: true },
  {
    name: 'backwards',
    fragment: 'tab=backwards&picture=sample-3&backwards.target=8&lang=en',
    height: 1180,
    before: async (page) => {
      await page
        .getByRole('heading', { name: 'The sensitivities' })
        .evaluate((title) => title.scrollIntoView());
    },
  },
  { name: 'kernels', fragment: 'tab=kernels&picture=sample-5&lang=en', height: 1000 },
  { name: 'lineage', fragment: 'tab=lineage&picture=sample-4&lineage.network=lenet5&lang=en', height: 1000 },
  {
    name: 'training',
    fragment: 'tab=training&lang=en',
    height: 1120,
    before: async (page) => {
      await page.getByRole('button', { name: 'Play' }).click({ timeout });
      await page.waitForTimeout(20_000);
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.waitForTimeout(2_000);
    },
  },
];

function photoView(model: string, photo: string): View {
  return {
    name: 'photo',
    fragment: 'tab=photo&lang=en',
    height: 1180,
    before: async (page) => {
      const [choosing] = await Promise.all([
        page.waitForEvent('filechooser'),
        page.getByText('Choose its files …').click(),
      ]);
      await choosing.setFiles(['network.json', 'weights.safetensors'].map((file) => join(model, file)));
      const [opening] = await Promise.all([
        page.waitForEvent('filechooser', { timeout }),
        page.getByText('Choose a photo …').click(),
      ]);
      await opening.setFiles(photo);
      await page.waitForTimeout(8_000);
      await page.getByRole('heading', { name: 'What the network sees' }).scrollIntoViewIfNeeded();
      await page.evaluate(() => scrollTo(0, 520));
    },
  };
}

async function take(browser: Browser, file: string, view: View): Promise<void> {
  const { name, fragment, width = 1440, height = 900, dark = false, before } = view;
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    locale: 'en-US',
  });
  await page.goto(`${pathToFileURL(file).href}#${fragment}`);
  await page.waitForSelector('main h2');
  await before?.(page);
  await page.waitForTimeout(1_000);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.close();
}

async function main(model: string | undefined, photo: string | undefined): Promise<void> {
  const file = join(mkdtempSync(join(tmpdir(), 'lineage-views-')), 'playground.html');
  await writePlayground({ out: file });
  const executablePath = process.env['LINEAGE_CHROMIUM'] ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const photos = model !== undefined && photo !== undefined ? [photoView(model, photo)] : [];
  for (const view of [...views, ...photos]) await take(browser, file, view);
  await browser.close();
}

void main(process.argv[2], process.argv[3]);
