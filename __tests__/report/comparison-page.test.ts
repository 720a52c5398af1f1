import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { networkNames } from '../../models/registry';
import type { ComparedRow } from '../../src/report/compare';
import { openedOffline, testInChromium } from '../support/pages/chromium';
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

const opened = (browser: Browser, options: object, hash = '') => openedOffline(browser, file + hash, options);

const percent = (fraction: number) => `${(100 * fraction).toFixed(2)}\u00a0%`;
/** The texts of elements, by one of their attributes. */
const textsBy = (selector: string, attribute: string) =>
  `Object.fromEntries([...document.querySelectorAll('${selector}')].map((one) => [one.getAttribute('${attribute}'), one.textContent]))`;

testInChromium('shows the figures that the JSON has, with the paper’s and the reasons', async (browser) => {
  const [page, complaints] = await opened(browser, { viewport: wide });
  expect(rows.length).toBeGreaterThan(0);
  const runs = await page.evaluate<Record<string, string>>(textsBy('[data-report]', 'data-report'));
  expect(Object.keys(runs).sort()).toEqual(rows.map(({ report }) => report).sort());
  // The line that each run is folded into.
  const lines = await page.evaluate<Record<string, string>>(
    `Object.fromEntries([...document.querySelectorAll('[data-report]')].map((one) => [one.dataset.report, one.closest('tbody').textContent]))`,
  );
  for (const row of rows) {
    const [text, line] = [runs[row.report]!, lines[row.report]!];
    const { error, interval95, paper, remarks, commit, seeds } = row;
    for (const figure of [error, ...interval95, ...seeds.map((one) => one.error)])
      expect(text).toContain(percent(figure));
    if (paper) expect(line).toContain(percent(paper.error));
    for (const words of [row.run, row.command, row.device, commit ?? '']) expect(text).toContain(words);
    for (const words of [row.network, String(row.year), row.protocol, ...remarks])
      expect(line).toContain(words);
    expect(line).toContain(row.parameters.toLocaleString('en'));
    expect(line).toContain(row.multiplyAdds.toLocaleString('en'));
  }
  expect(complaints).toEqual([]);
});

testInChromium('folds runs of one training into a line with their mean', async (browser) => {
  const [page] = await opened(browser, { viewport: phone, javaScriptEnabled: false });
  const line = page.locator('table.comparison tbody', { hasText: 'googlenet-clothing-frozen-2' });
  const frozen = rows.filter(({ run }) => /frozen-[123]$/.test(run)).map(({ error }) => error);
  expect(frozen).toHaveLength(3);
  const mean = frozen.reduce((sum, error) => sum + error) / 3;
  // Of three values, by their pairwise differences.
  const [a, b, c] = frozen as [number, number, number];
  const deviation = Math.sqrt(((a - b) ** 2 + (b - c) ** 2 + (a - c) ** 2) / 6);
  const text = (await line.locator('tr.line .error').textContent())!.replaceAll(/\s+/g, ' ');
  expect(text).toContain(`${percent(mean)} error`.replace('\u00a0', ' '));
  expect(text).toContain(`mean of 3 seeds, ± ${percent(deviation)}`.replace('\u00a0', ' '));
  // Without a script too a line unfolds, and the phone's page stays short while it is folded.
  const more = line.locator('tr.more');
  expect(await more.isVisible()).toBe(false);
  await line.locator('summary').click();
  expect(await more.isVisible()).toBe(true);
  expect(await more.locator('[data-report]').count()).toBe(3);
  expect(await page.locator('form.controls').isVisible()).toBe(false);
  const { height } = (await page.locator('table.comparison').boundingBox())!;
  expect(height).toBeLessThan(4000);
});

testInChromium('sorts by keyboard and says so, filters, and shows all again', async (browser) => {
  const [page, complaints] = await opened(browser, { viewport: wide });
  const shown = async (of: string) =>
    page.evaluate<string[]>(
      `[...document.querySelectorAll('table.comparison tbody:not([hidden])')].map((line) => line.dataset.${of})`,
    );
  const sortedBy = () =>
    page.evaluate<string[][]>(
      `[...document.querySelectorAll('th[aria-sort]')].map((head) => [head.textContent, head.ariaSort])`,
    );
  const all = await shown('words');
  expect(await sortedBy()).toEqual([['Year', 'ascending']]);
  await page.getByRole('button', { name: 'Here' }).focus();
  await page.keyboard.press('Enter');
  const errors = (await shown('error')).map(Number);
  expect(errors).toEqual([...errors].sort((one, other) => one - other));
  expect(await sortedBy()).toEqual([['Here', 'ascending']]);
  await page.keyboard.press('Enter');
  expect((await shown('error')).map(Number)).toEqual([...errors].reverse());
  expect(await sortedBy()).toEqual([['Here', 'descending']]);
  await page.getByRole('button', { name: 'Published' }).click();
  const published = await shown('published');
  const figures = published.filter(Boolean).map(Number);
  expect(figures).toEqual([...figures].sort((one, other) => one - other));
  expect(published.slice(figures.length).every((value) => value === '')).toBe(true);
  await page.getByRole('searchbox').fill('lenet5 Distorted');
  expect(await shown('network')).toEqual(['lenet5']);
  expect(await page.getByRole('status').textContent()).toBe(`1 of ${all.length} lines`);
  await page.getByRole('button', { name: 'Show all' }).click();
  expect(await shown('words')).toEqual(all);
  expect(await page.getByRole('status').textContent()).toBe('');
  await page.locator('select[name=dataset]').selectOption('clothing');
  expect(new Set(await shown('dataset'))).toEqual(new Set(['clothing']));
  await page.getByLabel('with a published figure only').check();
  expect(await shown('dataset')).toEqual([]);
  expect(complaints).toEqual([]);
});

testInChromium('fits a drawing to the page, and shows it at its own size when asked', async (browser) => {
  const [page] = await opened(browser, { viewport: phone, javaScriptEnabled: false }, '#network-vgg-e');
  const image = page.locator('article.network:target .drawing img');
  const width = async () => (await image.boundingBox())!.width;
  expect(await width()).toBeLessThanOrEqual(390);
  await page.locator('article.network:target .drawing summary').click();
  expect(await width()).toBeGreaterThan(1000);
  const html = page.locator('html');
  expect(await html.evaluate((root) => root.scrollWidth - root.clientWidth)).toBe(0);
});

testInChromium('leads from a run of the table to its curves, unfolded', async (browser) => {
  const [page] = await opened(browser, { viewport: wide }, '');
  const line = page.locator('table.comparison tbody', { hasText: 'lenet5-distorted' });
  await line.locator('summary').click();
  await line.getByRole('link', { name: 'curves, images' }).click();
  const part = page.locator('section[id="result-results-lenet5-distorted-seed-3-report"], section:target');
  expect(await page.locator('#overview').isVisible()).toBe(false);
  expect(await part.first().isVisible()).toBe(true);
  expect(await part.first().textContent()).toContain('540,000 distorted');
});

testInChromium('breaks no figure from its percent sign and no name in two, at 390 px', async (browser) => {
  const [page] = await opened(browser, { viewport: phone });
  // A word in one piece has one box; a space before a percent sign would let a line break there.
  const broken = await page.evaluate<string[]>(`(() => {
    const found = [];
    const texts = document.createTreeWalker(document.querySelector('#overview'), NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      if (!node.parentElement.checkVisibility() || node.parentElement.closest('svg, select, .unseen')) continue;
      if (/\\d %/.test(node.data)) found.push(node.data);
      for (const { index, 0: word } of node.data.matchAll(/[\\w.]+/g)) {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) found.push(word);
      }
    }
    return found;
  })()`);
  expect(broken).toEqual([]);
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
          const ids = await page.evaluate<string[]>(
            `[...document.querySelectorAll('[id]')].map(({ id }) => id)`,
          );
          expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
          // axe passes over what is hidden, but looks whether it is, which for all networks takes ten times as long.
          await page.evaluate(
            `document.querySelectorAll('article, section').forEach((part) => part.checkVisibility() || part.remove())`,
          );
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
