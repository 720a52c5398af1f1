import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { writePlayground } from '../../../verbs';

/** The page that the command writes, made once for all tests of a run. */
export async function playgroundFile(): Promise<string> {
  const file = join(process.env['LINEAGE_TEST_PAGES']!, 'playground.html');
  // Written atomically: another test file may come here at the same time.
  if (!existsSync(file)) await writePlayground({ out: file });
  return file;
}

/**
 * Opens the file as a double click does. Requests, errors that nobody caught, and errors on the console fail the test.
 * @param fragment such as `#unit=C3.7.4.5`; the language is English unless it says another
 */
export async function onPlayground(
  browser: Browser,
  file: string,
  fragment: string,
  use: (page: Page) => Promise<void>,
  size = { width: 1440, height: 900 },
): Promise<void> {
  const context = await browser.newContext({ viewport: size, locale: 'en-US' });
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('pageerror', ({ message }) => wrong.push(message));
  page.on('console', (line) => line.type() === 'error' && wrong.push(line.text()));
  page.on('request', (request) => {
    if (!/^(?:file|blob|data):/.test(request.url())) wrong.push(`request of ${request.url()}`);
  });
  await page.goto(pathToFileURL(file).href + fragment);
  await page.waitForSelector('main h2');
  await use(page);
  expect(wrong).toEqual([]);
  await context.close();
}

/** The exact value of a number that the page shows under a name. */
export async function valueOn(page: Page, name: string): Promise<number> {
  const text = await page.locator(`[data-name="${name}"]`).first().getAttribute('data-value');
  return Number(text);
}
