import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { networkNames } from '../../models/registry';
import type { ComparedRow } from '../../src/report/compare';
import { testInChromium } from '../support/pages/chromium';
import { command, temporaryFolder } from '../support/fixtures';

const out = temporaryFolder();
const file = pathToFileURL(join(out, 'compare.html')).href;
let rows: readonly ComparedRow[];

beforeAll(async () => {
  const { code, stdout } = await command(['compare', '--out', out, '--json']);
  expect(code).toBe(0);
  ({ rows } = JSON.parse(stdout) as { rows: readonly ComparedRow[] });
});

const wide = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

/** Opens the page without any network, and notes what must not happen. */
async function opened(browser: Browser, options: object, hash = ''): Promise<[Page, readonly string[]]> {
  const page = await browser.newPage({ offline: true, ...options });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(file) && !url.startsWith('data:')) complaints.push(`a request of ${url}`);
  });
  await page.goto(file + hash);
  return [page, complaints];
}

const percent = (fraction: number) => `${(100 * fraction).toFixed(2)} %`;

testInChromium('shows the figures that the JSON has, with the paper’s and the reasons', async (browser) => {
  const [page, complaints] = await opened(browser, { viewport: wide });
  expect(rows.length).toBeGreaterThan(0);
  const shown = await page.evaluate<Record<string, string>>(
    `Object.fromEntries([...document.querySelectorAll('tr[data-report]')].map((row) => [row.dataset.report, row.textContent]))`,
  );
  expect(Object.keys(shown)).toHaveLength(rows.length);
  for (const row of rows) {
    const text = shown[row.report]!;
    const { error, interval95, paper, remarks, commit } = row;
    for (const figure of [error, ...interval95, ...(paper ? [paper.error] : [])])
      expect(text).toContain(percent(figure));
    for (const words of [row.network, String(row.year), row.protocol, row.command, row.device, ...remarks])
      expect(text).toContain(words);
    expect(text).toContain(row.parameters.toLocaleString('en'));
    expect(text).toContain(row.multiplyAdds.toLocaleString('en'));
    if (commit !== null) expect(text).toContain(commit);
  }
  expect(complaints).toEqual([]);
});

testInChromium('leads from the lineage to every network and back, by keyboard too', async (browser) => {
  const [page, complaints] = await opened(browser, { viewport: wide });
  for (const name of networkNames) {
    await page.evaluate(`location.hash = '#network-${name}'`);
    const seen = await page.locator('article.network:visible h2').allTextContents();
    expect(seen).toEqual([expect.stringMatching(new RegExp(`^${name}\\b`))]);
    expect(await page.locator('#overview').isVisible()).toBe(false);
    const drawn = await page.evaluate<number>(
      `document.querySelector('article.network:target .drawing img').decode().then(() => document.querySelector('article.network:target .drawing img').naturalWidth)`,
    );
    expect(drawn).toBeGreaterThan(100);
  }
  await page.locator('article.network:visible >> text=Back to all networks').click();
  expect(await page.locator('#overview').isVisible()).toBe(true);
  await page.locator('svg.lineage a[href="#network-lenet5"]').focus();
  await page.keyboard.press('Enter');
  expect(await page.locator('article.network:visible h2').textContent()).toMatch(/^lenet5/);
  await page.goBack();
  expect(await page.locator('#overview').isVisible()).toBe(true);
  // Every link of the page leads somewhere in it.
  const dead = await page.evaluate<string[]>(
    `[...document.querySelectorAll('a[href^="#"]')].map((a) => a.getAttribute('href').slice(1)).filter((id) => !document.getElementById(id))`,
  );
  expect(dead).toEqual([]);
  expect(complaints).toEqual([]);
});

// What a chart consists of is one image to readers of screens.
const axeRun = `axe.run({ exclude: [['.chart svg']] })`;
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

for (const [size, viewport] of Object.entries({ wide, phone })) {
  for (const colorScheme of ['light', 'dark'] as const) {
    testInChromium(
      `holds its layout and can be used by everyone: ${size}, ${colorScheme}`,
      async (browser) => {
        for (const hash of ['', '#network-googlenet']) {
          const [page, complaints] = await opened(browser, { viewport, colorScheme }, hash);
          const beyond = await page.evaluate<number>(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          );
          expect(beyond).toBe(0);
          const charts = await page.evaluate<number[]>(
            `[...document.querySelectorAll('.chart svg')].filter((svg) => svg.checkVisibility()).map((svg) => {
              const { width, height } = svg.getBoundingClientRect();
              return Math.min(width, height, 20 * svg.querySelectorAll('path, text').length);
            })`,
          );
          expect(charts.length).toBeGreaterThan(1);
          for (const least of charts) expect(least).toBeGreaterThan(80);
          await page.evaluate(axe);
          const { violations } = await page.evaluate<{ violations: readonly Violation[] }>(axeRun);
          const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
          expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`)).toEqual([]);
          expect(complaints).toEqual([]);
          await page.close();
        }
      },
    );
  }
}
