/** The page as a whole, in a real browser. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { source as axe } from 'axe-core';
import { parseState, stateText, tabs, type PageState, type Tab } from '../../playground/page-state';
import { digitOf } from '../../playground/picture/ink';
import { decodedDigit, digitCode } from '../../playground/picture/digit-code';
import { seededRandom } from '../../src/core/random';
import { exportModel } from '../../verbs';
import { temporaryFolder } from '../support/fixtures';
import { testInChromium } from '../support/pages/chromium';
import { onPlayground, playgroundFile } from '../support/pages/playground';

const folder = temporaryFolder();

declare const window: Window & {
  axe: {
    run(
      page: Document,
      options: object,
    ): Promise<{ violations: readonly { id: string; impact: string; nodes: { target: string[] }[] }[] }>;
  };
};

/** Settings at which parts are as wide as they get, and another network learns. */
const settings: Readonly<Partial<Record<Tab, string>>> = {
  kernels: `&kernels.kernel=own&kernels.own=${Array(121).fill(1).join()}&kernels.padding=5&kernels.pool.kind=trained`,
  training: '&training.network=neocognitron&training.rate=2',
};

/** What each part shows when there is nothing more to wait for. */
const whole: Readonly<Record<Tab, string>> = {
  glance: '.spelled',
  backwards: '[data-name="turn-loss"]',
  kernels: '[data-values="normalised"]',
  lineage: '.column ~ .column ~ .column .verdict',
  photo: '.photo-part',
  training: 'table.confusion',
};

const sizes = [
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
];

testInChromium(
  'every part is accessible and fits the screen, in both languages, on a phone and on a desk',
  async (browser) => {
    const file = await playgroundFile();
    const found: string[] = [];
    for (const size of sizes)
      await onPlayground(
        browser,
        file,
        '#picture=sample-3&lang=en',
        async (page) => {
          await page.evaluate(axe);
          for (const language of ['en', 'zh'])
            for (const tab of tabs) {
              await page.emulateMedia({ colorScheme: language === 'zh' ? 'dark' : 'light' });
              await page.evaluate(
                (to) => {
                  location.hash = to;
                },
                `#tab=${tab}&lang=${language}&picture=sample-3&unit=C3.7.4.5${settings[tab] ?? ''}`,
              );
              await page.waitForSelector(`html[lang=${language}]`);
              await page.waitForSelector(whole[tab], { state: 'attached' });
              if (tab === 'training') {
                await page.getByRole('button', { name: /^(?:One update|单步更新)$/ }).click();
                await page.waitForSelector('[data-name="training-done"]:not([data-value="0"])');
              }
              const where = `${tab}, ${language}, ${size.width}`;
              const wide = await page.evaluate(
                () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
              );
              if (wide > 0) found.push(`${where}: ${wide} px too wide`);
              if (language === 'zh') expect(await page.textContent('h2')).toMatch(/\p{Script=Han}/u);
              const { violations } = await page.evaluate(() =>
                window.axe.run(document, { resultTypes: ['violations'] }),
              );
              for (const { id, impact, nodes } of violations)
                if (impact === 'serious' || impact === 'critical')
                  found.push(`${where}: ${id} at ${nodes[0]!.target.join(' ')}`);
            }
        },
        size,
      );
    expect(found).toEqual([]);
  },
  240_000,
);

testInChromium(
  'a part that fails says so and leaves the others; a link to what the page lacks shows what it has',
  async (browser) => {
    const file = await playgroundFile();
    const context = await browser.newContext({ locale: 'en-US' });
    const page = await context.newPage();
    await page.goto(`${pathToFileURL(file).href}#model=nothing&picture=mistake-99999`);
    await page.waitForSelector('main h2');
    expect(await page.locator('main > [role=status]').allInnerTexts()).toEqual([
      'The link names a network that this page does not have, nothing. Shown is lenet5.',
      expect.stringContaining('mistake-99999'),
    ]);
    await page.evaluate(() => {
      const { prototype } = CanvasRenderingContext2D;
      const { putImageData } = prototype;
      prototype.putImageData = () => {
        prototype.putImageData = putImageData;
        throw new Error('no pixels');
      };
    });
    await page.click('nav a:has-text("Backwards")');
    await page.waitForSelector('main [role=alert]:has-text("This part of the page has failed: no pixels")');
    await page.click('nav a:has-text("The lineage")');
    await page.waitForSelector('.network-card');
    expect(await page.locator('main [role=alert]').count()).toBe(0);
    await page.selectOption('header select', 'zh');
    await page.click('nav a >> nth=0');
    await page.focus('.model-choice select');
    await page.selectOption('.model-choice select', 'lenet1');
    await page.waitForSelector('[data-layer=H1]');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('SELECT');
    await context.close();
  },
  60_000,
);

const usual: PageState = {
  ...{ tab: 'glance', language: 'en', model: 'lenet5', picture: 'sample-0', unit: '', settings: {} },
};

it('an address says a state, and a state its address', () => {
  const state: PageState = {
    ...{ tab: 'kernels', language: 'zh', model: 'lenet1', picture: 'mistake-340', unit: 'H1.2.3.4' },
    settings: { 'kernels.size': '5', 'kernels.own': '0,1;1,0' },
  };
  expect(parseState(stateText(state), usual)).toEqual(state);
  expect(parseState('#tab=nothing&lang=fr', usual)).toEqual(usual);
  const empty = { ...usual, picture: '' };
  expect(parseState(stateText(empty), usual)).toEqual(empty);
});

it('a shadow on the paper is not taken for ink', () => {
  const side = 120;
  const photo = (shade: (column: number) => number) =>
    Uint8Array.from({ length: side * side * 3 }, (_, at) => {
      const [row, column] = [Math.floor(at / 3 / side), Math.floor(at / 3) % side];
      const isInk =
        (row > 25 && row < 38 && column > 35 && column < 85) || Math.hypot(row - 75, column - 60) < 14;
      return Math.round((isInk ? 50 : 230) * shade(column));
    });
  const plain = digitOf(
    photo(() => 1),
    side,
    side,
  )!;
  const shaded = digitOf(
    photo((column) => 0.4 + (0.6 * column) / side),
    side,
    side,
  )!;
  const apart = plain.reduce((sum, value, at) => sum + Math.abs(value - shaded[at]!), 0) / plain.length;
  expect(Math.max(...plain)).toBe(255);
  expect(apart).toBeLessThan(12);
});

it('a drawn digit is in its address pixel by pixel, and a damaged one is none', () => {
  const random = seededRandom(1);
  const drawn = Uint8Array.from({ length: 784 }, () => (random.integer(3) > 0 ? 0 : random.integer(256)));
  expect(decodedDigit(digitCode(drawn))).toEqual(drawn);
  expect(decodedDigit(digitCode(new Uint8Array(784)))).toEqual(new Uint8Array(784));
  expect(digitCode(drawn)).toMatch(/^drawn-[\w-]+$/);
  for (const damaged of ['drawn-', 'drawn-AAAA', digitCode(drawn).slice(0, -8), 'sample-3', 'drawn-@@'])
    expect(decodedDigit(damaged)).toBeUndefined();
});

testInChromium('the page of a model of one’s own shows that model, and its own mistakes', async (browser) => {
  const out = join(folder, 'own.html');
  const made = await exportModel('lecun1989', { format: 'page', out });
  expect(made).toMatchObject({ format: 'page', out, network: 'lecun1989', bytes: statSync(out).size });
  await onPlayground(browser, out, '', async (page) => {
    expect(
      await page.$$eval('[data-layer]', (layers) => layers.map(({ dataset }) => dataset['layer'])),
    ).toEqual(expect.arrayContaining(['H1', 'H2', 'H3', 'output']));
    await page.getByText('The test set’s worst mistakes').click();
    const mistake = page.locator('[data-picture^="mistake-"]').first();
    const [, label, answer] = /a (\d) taken for a (\d)/.exec((await mistake.getAttribute('aria-label'))!)!;
    await mistake.click();
    await page.waitForFunction(
      (wanted) => document.querySelector('.said')?.textContent === `It is a ${wanted}.`,
      answer!,
    );
    expect(label).not.toBe(answer);
  });
});

it('a page of a model has a name that ends in .html', async () => {
  await expect(exportModel('lenet1', { format: 'page', out: join(folder, 'own.htm') })).rejects.toThrow(
    /^out: expected a file that ends in \.html, found \S*own\.htm$/,
  );
});
