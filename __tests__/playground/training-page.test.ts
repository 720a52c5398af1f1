/** The page in which networks learn, in a real browser, beside the same training in Node. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { evaluate, openTrained, train } from '../../index';
import { choicesOf, networks, recipeOf, rescheduled, type Setting } from '../../playground/training/choices';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { useBackend } from '../../src/runtime/backend';
import { temporaryFolder, writeIdxFolder } from '../support/fixtures';
import { testInChromium } from '../support/pages/chromium';
import { onPlayground, playgroundFile, valueOn } from '../support/pages/playground';

let file: string;
const folder = temporaryFolder();

beforeAll(async () => {
  file = await playgroundFile();
  await useBackend();
});

type Settings = Readonly<Partial<Record<Setting, string>>>;

const fragment = (settings: Settings) =>
  `#tab=training${Object.entries(settings)
    .map(([name, value]) => `&training.${name}=${value}`)
    .join('')}`;

const seconds = 1000;

/** Waits until the training is paused and its error is measured as it is now. */
async function paused(page: Page, done?: number): Promise<void> {
  await page.waitForSelector('[data-phase="paused"]', { timeout: 60 * seconds });
  await page.waitForFunction(
    (wanted) => {
      const now = document.querySelector<HTMLElement>('[data-name="training-done"]')?.dataset['value'];
      const tested = document.querySelector<HTMLElement>('table.confusion')?.dataset['at'];
      return tested === now && (wanted === undefined || now === String(wanted));
    },
    done,
    { timeout: 60 * seconds },
  );
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

async function steps(page: Page, from: number, to: number): Promise<void> {
  for (let done = from + 1; done <= to; done++) {
    await press(page, 'One update');
    await paused(page, done);
  }
}

/** The last losses, as they were computed. */
async function losses(page: Page): Promise<readonly number[]> {
  return JSON.parse((await page.locator('dl.figures').getAttribute('data-losses'))!) as number[];
}

async function confusion(page: Page): Promise<readonly (readonly number[])[]> {
  const rows = await page.locator('table.confusion tbody tr').all();
  return Promise.all(rows.map(async (row) => (await row.locator('td').allTextContents()).map(Number)));
}

const sum = (values: readonly number[]) => values.reduce((all, each) => all + each, 0);

/** The losses of Node's `train` for what an address says, and what a rate is changed to on the way. */
async function lossesInNode(
  settings: Settings,
  updates: number,
  change?: { readonly after: number; readonly rate: number },
): Promise<readonly number[]> {
  const choices = choicesOf((name) => settings[name]);
  const { images, seed, network } = choices;
  const { train: data } = drawDigits({ seed, train: images });
  const recipe = recipeOf(choices);
  const perEpoch = Math.ceil(images / recipe.batchSize);
  const schedule = change
    ? rescheduled(recipe.schedule, change.after / perEpoch, change.rate)
    : recipe.schedule;
  const model = networks[network].build({ classes: 10, seed });
  const found: number[] = [];
  for await (const { loss, step } of train({ model, recipe: { ...recipe, schedule }, data, seed })) {
    found.push(loss);
    if (step >= updates) break;
  }
  model.dispose();
  return found;
}

function expectAlike(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  const apart = expected.map((loss, at) => Math.abs(found[at]! - loss) / Math.abs(loss));
  expect(Math.max(...apart)).toBeLessThan(1e-3);
}

testInChromium(
  'LeNet-5 learns in the page as in Node, update by update, also when its rate is changed on the way',
  async (browser) => {
    const settings = { network: 'lenet5', images: '640', batch: '64', seed: '3' };
    await onPlayground(browser, file, fragment(settings), async (page) => {
      await paused(page, 0);
      await steps(page, 0, 6);
      await page.getByLabel('Learning rate', { exact: true }).fill('0.003');
      await page.getByLabel('Learning rate', { exact: true }).press('Enter');
      await steps(page, 6, 10);
      expect(page.url()).toContain('training.rate=0.003');
      expectAlike(await losses(page), await lossesInNode(settings, 10, { after: 6, rate: 0.003 }));
      expect(await valueOn(page, 'training-epoch')).toBe(1);

      const table = await confusion(page);
      expect(table.map(sum)).toEqual(Array.from({ length: 10 }, () => 50));
      const right = sum(table.map((row, label) => row[label]!));
      expect(await valueOn(page, 'training-error')).toBeCloseTo((500 - right) / 500, 12);

      // A pause is kept, a choice begins anew, and so does the button.
      await press(page, 'Play');
      await page.waitForFunction(
        () =>
          Number(document.querySelector<HTMLElement>('[data-name="training-done"]')!.dataset['value']) > 12,
      );
      // Another part of the page pauses it too.
      await page.getByRole('link', { name: 'Draw and look' }).click();
      await page.getByRole('link', { name: 'Train live' }).click();
      await page.getByText(/It was paused after update \d+, when you left/).waitFor();
      await press(page, 'Play');
      await press(page, 'Pause');
      await paused(page);
      const done = await valueOn(page, 'training-done');
      // Longer than the worker waits between two reports.
      await page.waitForTimeout(150);
      expect(await valueOn(page, 'training-done')).toBe(done);
      await page.getByLabel('Images in a batch').fill('16');
      await page.getByLabel('Images in a batch').press('Enter');
      await page.getByText('Begun anew with the changed choices').waitFor();
      await paused(page, 0);
      await steps(page, 0, 1);
      await press(page, 'Begin anew');
      await paused(page, 0);
    });
  },
  200 * seconds,
);

testInChromium(
  'too high a rate diverges, and the page says at which update and at which rate',
  async (browser) => {
    const settings = { network: 'lenet5', rate: '10', images: '500', batch: '8' };
    await onPlayground(browser, file, fragment(settings), async (page) => {
      await paused(page, 0);
      await press(page, 'Play');
      await page.getByText('Diverged at update 50 with rate 10.').waitFor({ timeout: 60 * seconds });
      await paused(page, 50);
      const last = await losses(page);
      const first = (await lossesInNode(settings, 1))[0]!;
      expect(Math.min(...last)).toBeGreaterThan(1.5 * first);
      await page.getByText('diverged', { exact: true }).first().waitFor();
    });
  },
  120 * seconds,
);

testInChromium(
  'the neocognitron’s planes grow, and it learns dropped files as in Node',
  async (browser) => {
    const data = drawDigits({ seed: 5, train: 60, test: 40 });
    const given = join(folder, 'idx');
    await writeIdxFolder(given, data);
    await onPlayground(browser, file, fragment({ network: 'neocognitron' }), async (page) => {
      await paused(page, 0);
      const learned = () => page.locator('[data-planes="US1"]').getAttribute('data-learned');
      expect(await learned()).toBe('0');
      await page
        .locator('input[type="file"]')
        .setInputFiles(readdirSync(given).map((name) => join(given, name)));
      await page.locator('[data-data="mnist train"]').waitFor();
      await paused(page, 0);
      await steps(page, 0, 3);
      expect(Number(await learned())).toBeGreaterThan(0);
      const { build, recipe } = networks.neocognitron;
      const model = build({ classes: 10, seed: 1 });
      const expected: number[] = [];
      for await (const { loss, step } of train({ model, recipe, data: data.train, seed: 1 })) {
        expected.push(loss);
        if (step === 3) break;
      }
      expectAlike(await losses(page), expected);
      expect(sum((await confusion(page)).map(sum))).toBe(40);
      const { mistakes } = await evaluate({ model, recipe, data: data.test });
      expect(await valueOn(page, 'training-error')).toBe(mistakes / 40);
      model.dispose();

      // A set of which a file is missing is refused in a line.
      const some = readdirSync(given).filter((name) => !name.startsWith('t10k'));
      await page.locator('input[type="file"]').setInputFiles(some.map((name) => join(given, name)));
      await page.getByRole('alert').getByText('t10k').waitFor();
      await press(page, 'Back to drawn digits');
      await paused(page, 0);
    });
  },
  120 * seconds,
);

testInChromium(
  'a network that learned in the page is opened by its other parts, and by Node with the same mistakes',
  async (browser) => {
    await onPlayground(
      browser,
      file,
      fragment({ network: 'lenet1', images: '320', batch: '64' }),
      async (page) => {
        await paused(page, 0);
        await steps(page, 0, 5);
        const error = await valueOn(page, 'training-error');
        const saved = join(folder, 'saved');
        mkdirSync(saved);
        const downloads: Promise<void>[] = [];
        const both = new Promise<void>((resolve) =>
          page.on('download', (download) => {
            const to = join(saved, download.suggestedFilename());
            downloads.push(download.path().then((path) => writeFileSync(to, readFileSync(path))));
            if (downloads.length === 2) resolve();
          }),
        );
        await press(page, 'Save as a model folder (two files)');
        await both;
        await Promise.all(downloads);
        const trained = await openTrained(saved);
        const { test } = drawDigits({ seed: 1, train: 320, test: 500 });
        expect((await evaluate({ model: trained.model, recipe: trained.recipe, data: test })).error).toBe(
          error,
        );
        trained.dispose();

        await press(page, 'Look into it in the other parts');
        await page.waitForFunction(() => location.hash.includes('model=trained-here'));
        await page.waitForSelector('main h2');
      },
    );
  },
  120 * seconds,
);
