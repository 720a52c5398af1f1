/** The page as a whole, in a real browser. */
import { source as axe } from 'axe-core';
import { parseState, stateText, tabs, type PageState, type Tab } from '../../playground/page-state';
import { decodedDigit, digitCode } from '../../playground/picture/digit-code';
import { seededRandom } from '../../src/core/random';
import { testInChromium } from '../support/pages/chromium';
import { onPlayground, playgroundFile } from '../support/pages/playground';

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
