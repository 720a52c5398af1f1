import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { tallyOf } from '../../src/evaluate/metrics/tally';
import { runPage } from '../../src/report/page/run/run-page';
import type { RunPageData } from '../../src/report/page/run/run-page-data';
import { mostShown, wrongAnswers } from '../../src/report/page/run/wrong-answers';
import { openedOffline, testInChromium } from '../support/pages/chromium';
import { command, temporaryFolder, writeIdxFolder } from '../support/fixtures';

const folder = temporaryFolder();
const run = join(folder, 'run');
const file = join(folder, 'page.html');
const address = pathToFileURL(file).href;

interface Found {
  readonly error: number;
  readonly perClass: readonly { readonly precision: number | null; readonly f1: number | null }[];
  readonly confusion: readonly (readonly number[])[];
}
let found: Found;

beforeAll(async () => {
  const data = join(folder, 'digits');
  await writeIdxFolder(data, drawDigits({ seed: 3, train: 320, test: 100 }));
  const trained = await command(['train', 'lenet5', '--data', data, '--out', run, '--epochs', '2']);
  expect(trained).toMatchObject({ code: 0 });
  const { code, stdout } = await command(['evaluate', run, '--html', file, '--thumbnails', '--json']);
  expect(code).toBe(0);
  found = JSON.parse(stdout) as Found;
});

const phone = { width: 390, height: 844 };
const wide = { width: 1440, height: 900 };

const opened = (browser: Browser, options: object, at = address) => openedOffline(browser, at, options);

const percent = (fraction: number) => `${(100 * fraction).toFixed(2)}\u00a0%`;

testInChromium('shows the report’s figures, and leads from a confusion to its images', async (browser) => {
  const [page, complaints] = await opened(browser, { viewport: wide, javaScriptEnabled: false });
  const text = await page.locator('main').textContent();
  expect(text).toContain(percent(found.error));
  for (const { precision, f1 } of found.perClass)
    for (const figure of [precision, f1]) if (figure !== null) expect(text).toContain(percent(figure));
  // Each number off the diagonal leads to as many images; the largest is shown in full if it is no more than the page shows.
  const off = found.confusion.flatMap((row, label) =>
    row.flatMap((images, answer) => (images > 0 && label !== answer ? [{ label, answer, images }] : [])),
  );
  expect(off.length).toBeGreaterThan(0);
  expect(await page.locator('.matrix td a').count()).toBe(off.length);
  const { label, answer, images } = off[0]!;
  const link = page.locator(`.matrix a[href="#confused-${label}-${answer}"]`);
  expect(await link.textContent()).toBe(`${images} of ${label} answered with ${answer}`);
  await link.click();
  const part = page.locator(`#confused-${label}-${answer}`);
  expect(await part.isVisible()).toBe(true);
  expect(await part.locator('img').count()).toBe(Math.min(images, mostShown.ofEach));
  expect(await part.locator('.name').first().textContent()).toMatch(/^image \d+/);
  expect(complaints).toEqual([]);
});

it('has pictures only when they are asked for: those of the data, pixel by pixel', async () => {
  const pictures = (html: string) => [...html.matchAll(/<img\s+src="data:image\/png;base64,([^"]+)"/g)];
  const [first] = pictures(readFileSync(file, 'utf8'));
  const { width, height } = await sharp(Buffer.from(first![1]!, 'base64')).metadata();
  expect([width, height]).toEqual([28, 28]);
  const plain = join(folder, 'plain.html');
  expect(await command(['evaluate', run, '--html', plain])).toMatchObject({ code: 0 });
  expect(pictures(readFileSync(plain, 'utf8'))).toEqual([]);
  expect(readFileSync(plain, 'utf8')).toMatch(/image \d+/);
});

it('refuses, before it computes, what is no page, a folder that is not there, and pictures without a page', async () => {
  for (const [words, reason] of [
    [['--html', 'page.pdf'], /--html: expected a file that ends in \.html, found page\.pdf/],
    [['--html', 'no/such/page.html'], /--html: expected a file in a folder that is there, found no\/such/],
    [['--thumbnails'], /--thumbnails: expected a page to put them into, found no --html/],
  ] as const) {
    const refused = await command(['evaluate', run, ...words]);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr.trim()).toMatch(reason);
    expect(refused.stderr.trim().split('\n')).toHaveLength(1);
  }
});

it('takes the most frequent confusions first, the surest of each, and no more than it may show', () => {
  const answer = (image: number, label: number, best: number, margin: number) => ({
    ...{ image, label, best: [best], margin, probability: null },
  });
  const rare = answer(0, 2, 1, 9);
  const often = Array.from({ length: 30 }, (_, at) => answer(at + 1, 0, 1, at));
  const { pairs, allPairs, worst } = wrongAnswers([rare, answer(40, 1, 1, 99), ...often] as never);
  expect(allPairs).toBe(2);
  expect(pairs.map(({ label, answer: as, count }) => [label, as, count])).toEqual([
    [0, 1, 30],
    [2, 1, 1],
  ]);
  expect(pairs[0]!.shown.map(({ margin }) => margin)).toEqual(
    Array.from({ length: mostShown.ofEach }, (_, at) => 29 - at),
  );
  expect(worst).toHaveLength(mostShown.worst);
  const many = Array.from({ length: 2000 }, (_, at) => answer(at, at % 300, (at + 1 + (at % 7)) % 300, at));
  const capped = wrongAnswers(many as never);
  expect(capped.pairs).toHaveLength(mostShown.confusions);
  expect(capped.allPairs).toBe(new Set(many.map(({ label, best }) => `${label} ${best[0]}`)).size);
  expect(capped.pairs.reduce((sum, { shown }) => sum + shown.length, 0)).toBeLessThanOrEqual(
    mostShown.images,
  );
});

/** The page of a made-up evaluation of so many classes, whose names would be markup if they were not escaped. */
async function pageOf(classes: number): Promise<string> {
  const names = Array.from({ length: classes }, (_, at) => `<b>class "${at}"</b>`);
  const answers = Array.from({ length: 600 }, (_, image) => ({
    ...{ image, label: image % classes, best: [(image + (image % 3 === 0 ? 1 : 0)) % classes, 0, 0, 0, 0] },
    ...{ margin: image, probability: (image % 100) / 100 },
  }));
  const report = {
    ...tallyOf(answers as never, names, []),
    ...{ run: 'models/one', network: 'lenet5', dataset: 'photos', synthetic: false, protocol: 'once' },
    ...{ crops: 1, networks: 1, seconds: 1, seenInTraining: 3 },
    // Charts are drawn by vega, which jest’s sandbox cannot load; the page of the command has them.
    ...{ calibration: null, rejection: [] },
  };
  const { worst, pairs, allPairs } = wrongAnswers(answers as never);
  const named = (of: typeof worst) =>
    of.map(({ image, label, best, probability }) => ({
      ...{ name: `<i>${image}</i>.jpg`, label, answer: best[0]!, probability, thumbnail: null },
    }));
  const data: RunPageData = {
    report,
    device: 'a processor',
    epochs: [],
    wrong: {
      worst: named(worst),
      pairs: pairs.map((pair) => ({ ...pair, shown: named(pair.shown) })),
      allPairs,
    },
    made: { command: 'cnn-lineage evaluate models/one', commit: null, at: new Date(0) },
  };
  return runPage(data);
}

it.each([2, 1000])('is of use with %i classes, and escapes every name', async (classes) => {
  const page = await pageOf(classes);
  expect(page).not.toMatch(/<b>class|<i>\d/);
  expect(page.includes('class="matrix"')).toBe(classes === 2);
  expect(page.length).toBeLessThan(1_000_000);
  expect(page).toContain('3 of the images served the training');
});

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

testInChromium('holds its layout and can be used by everyone, of 2, 10 and 1000 classes', async (browser) => {
  mkdirSync(join(folder, 'made'));
  const pages = [file];
  for (const classes of [2, 1000]) {
    const path = join(folder, 'made', `${classes}.html`);
    writeFileSync(path, await pageOf(classes));
    pages.push(path);
  }
  for (const path of pages)
    for (const [viewport, colorScheme] of [
      [phone, 'light'],
      [wide, 'dark'],
    ] as const) {
      const [page, complaints] = await opened(browser, { viewport, colorScheme }, pathToFileURL(path).href);
      const beyond = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect(beyond).toBe(0);
      await page.evaluate(axe);
      const { violations } = await page.evaluate<{ violations: readonly Violation[] }>(
        `axe.run({ exclude: [['.chart svg']] })`,
      );
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`)).toEqual([]);
      expect(complaints).toEqual([]);
      await page.close();
    }
});
