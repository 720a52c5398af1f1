/** Kernels, pooling and activation functions in the page, in a real browser, beside naive loops and the project’s layers. */
import sharp from 'sharp';
import type { Browser, Locator, Page } from 'playwright-core';
import { openTrained } from '../../index';
import { kernelsOf, turned, type Kernel } from '../../playground/kernels/bench/kernels';
import { tf } from '../../src/core/tf';
import { activationsOf, mapOf, type LayerOutput } from '../../src/describe/units/activations';
import { CeilPool } from '../../src/layers/ceil-pool';
import { Lrn } from '../../src/layers/lrn';
import type { PageData } from '../../src/workflows/weights/playground/page-data';
import { testInChromium } from '../support/pages/chromium';
import { onPlayground, playgroundFile, valueOn } from '../support/pages/playground';
import { naiveCorrelation, type Naive } from '../support/pages/naive-correlation';

type Settings = Readonly<Record<string, string | number>>;

/** The address of the part at some settings. */
const hashOf = (settings: Settings) => {
  const named = Object.entries(settings).map(([name, value]) => [`kernels.${name}`, String(value)]);
  return `#${new URLSearchParams([['tab', 'kernels'], ['lang', 'en'], ['picture', 'sample-3'], ...named]).toString()}`; // prettier-ignore
};

/** Shows the part at other settings, and its values as texts. */
async function show(page: Page, settings: Settings): Promise<void> {
  // The page shows an address in the task after it is set, and draws it in the frame after that.
  await page.evaluate(
    (hash) =>
      new Promise<void>((done) => {
        const drawn = () => requestAnimationFrame(() => setTimeout(done));
        if (location.hash === hash) return drawn();
        addEventListener('hashchange', drawn, { once: true });
        location.hash = hash;
      }),
    hashOf(settings),
  );
  await openNumbers(page);
}

/** Opens the lists of all values. */
async function openNumbers(page: Page): Promise<void> {
  await page.$$eval('details:not([open]) > summary', (closed) =>
    closed.forEach((one) => (one as HTMLElement).click()),
  );
  await page.waitForFunction(() => [...document.querySelectorAll('pre')].every((pre) => pre.textContent));
}

async function shownMap(page: Page, name: string): Promise<number[]> {
  const text = await page.locator(`pre[data-values="${name}"]`).textContent();
  return text!.split(/[\t\n]/).map(Number);
}

/** The numbers of some elements, at full precision. */
const valuesOf = (places: Locator): Promise<number[]> =>
  places.evaluateAll((all) => all.map((one) => Number((one as HTMLElement).dataset['value'])));

/** Shown with seven digits, of numbers of single precision. */
function expectSame(shown: readonly number[], expected: ArrayLike<number>, within = 2e-6): void {
  const size = Math.max(1, ...Array.from(expected, Math.abs));
  expect(shown).toHaveLength(expected.length);
  const most = shown.reduce((worst, value, at) => Math.max(worst, Math.abs(value - expected[at]!)), 0);
  expect(most / size).toBeLessThan(within);
}

/** Opens the part, and hands on the digit that it shows. */
async function onPart(
  browser: Browser,
  use: (page: Page, digit: Uint8Array) => Promise<void>,
): Promise<void> {
  await onPlayground(browser, await playgroundFile(), hashOf({}), async (page) => {
    await page.locator('pre[data-values="output"]').waitFor({ state: 'attached' });
    const { digits } = JSON.parse((await page.locator('#data').textContent())!) as PageData;
    const { pixels } = digits.find(({ name }) => name === 'sample-3')!;
    await use(page, Buffer.from(pixels, 'base64'));
  });
}

/** What LeNet-5 computes of a digit in Node, its image prepared here. */
async function inNode(digit: Uint8Array): Promise<ReadonlyMap<string, LayerOutput>> {
  const image = Float32Array.from({ length: 32 * 32 }, (_, at) => {
    const [row, column] = [Math.floor(at / 32) - 2, (at % 32) - 2];
    const grey = row >= 0 && column >= 0 && row < 28 && column < 28 ? digit[row * 28 + column]! / 255 : 0;
    return -0.1 + 1.275 * grey;
  });
  const { model } = await openTrained('lenet5');
  const outputs = await activationsOf(model).of(image);
  model.dispose();
  return outputs;
}

async function checkKernels(page: Page, grey: Float32Array): Promise<void> {
  const given = { height: 28, width: 28, values: grey };
  const cases = [
    { kernel: 'sobelX', size: 3, stride: 1, padding: 'valid', border: 0 },
    { kernel: 'prewittY', size: 5, stride: 2, padding: 'same', border: 0 },
    { kernel: 'gaussian', size: 11, stride: 3, padding: 5, border: 0 },
    { kernel: 'box', size: 7, stride: 4, padding: 2, border: 1 },
    { kernel: 'laplacian', size: 3, stride: 1, padding: 1, border: 0.5 },
    { kernel: 'emboss', size: 3, stride: 3, padding: 'same', border: 0 },
  ] as const;
  for (const { kernel: name, size, ...geometry } of cases)
    for (const turn of ['no', 'yes']) {
      const written = kernelsOf(name, size, 1.5)[0]!;
      const laid: Kernel = turn === 'yes' ? turned(written) : written;
      await show(page, { kernel: name, size, ...geometry, turned: turn, sigma: 1.5 });
      const naive: Naive = { ...given, ...geometry, kernel: laid.weights, size };
      expectSame(await shownMap(page, 'output'), naiveCorrelation(naive));
    }
  await show(page, { kernel: 'sobelMagnitude', size: 5, stride: 2 });
  const [x, y] = (['sobelX', 'sobelY'] as const).map((name) => {
    const { weights } = kernelsOf(name, 5, 1)[0]!;
    return naiveCorrelation({ ...given, kernel: weights, size: 5, stride: 2, padding: 'valid', border: 0 });
  });
  const expected = x!.map((value, at) => Math.hypot(value, y![at]!));
  expectSame(await shownMap(page, 'output'), expected);
}

/** Points at an output by the mouse, then by the keyboard, and adds up what the page lists. */
async function checkProducts(page: Page, grey: Float32Array): Promise<void> {
  const own = [0.5, -1, 2, 0, 3, -4, 1, 1, 0.25];
  await show(page, { kernel: 'own', own: own.join(','), stride: 2, padding: 1 });
  const output = page.locator('.bench button.map');
  const { width, height } = (await output.boundingBox())!;
  await output.click({ position: { x: (width * 6.5) / 14, y: (height * 4.5) / 14 } });
  await page.mouse.move(0, 0);
  await output.press('ArrowDown');
  await output.press('ArrowRight');
  await page.waitForFunction(() => location.hash.includes('kernels.at=5.7'));
  const cells = (at: number) => valuesOf(page.locator('.products table').nth(at).locator('td'));
  const [patch, kernel, products] = [await cells(0), await cells(1), await cells(2)];
  expect(kernel).toEqual(own);
  expect(patch).toEqual(
    own.map((_, at) => grey[(2 * 5 - 1 + Math.floor(at / 3)) * 28 + 2 * 7 - 1 + (at % 3)]),
  );
  expect(products).toEqual(own.map((weight, at) => weight * patch[at]!));
  const sum = products.reduce((total, product) => total + product);
  expect(await valueOn(page, 'sum0')).toBeCloseTo(sum, 5);
  // A number that is typed is in the address, so that a link leads here.
  await page.locator('.own input').nth(4).fill('-7');
  await page.locator('.own input').nth(4).press('Enter');
  await page.waitForFunction(() => new URLSearchParams(location.hash).get('kernels.own')?.includes(',-7,'));
  await page.reload();
  await page.locator('pre[data-values="output"]').waitFor({ state: 'attached' });
  expect(await page.locator('.own input').nth(4).inputValue()).toBe('-7');
  expect(await cells(1)).toEqual(own.map((weight, at) => (at === 4 ? -7 : weight)));
}

async function checkTrained(page: Page, outputs: ReadonlyMap<string, LayerOutput>): Promise<void> {
  for (const map of [0, 4]) {
    const field = page.locator('.field', { has: page.getByText('Kernel', { exact: true }) });
    await field.locator('select').selectOption(`trained.${map}`);
    await page.locator('[data-name="difference"]').waitFor();
    await openNumbers(page);
    expectSame(await shownMap(page, 'output'), mapOf(outputs.get('C1')!, map), 1e-5);
    expect(await valueOn(page, 'difference')).toBeLessThan(1e-5);
    for (const squashed of ['yes', 'no']) {
      await show(page, { 'pool.map': map, 'pool.kind': 'trained', 'pool.squashed': squashed });
      const own = mapOf(outputs.get(squashed === 'yes' ? 'S2/tanh' : 'S2')!, map);
      expectSame(await shownMap(page, 'pooled'), own, 1e-5);
    }
  }
}

async function checkPooling(page: Page, outputs: ReadonlyMap<string, LayerOutput>): Promise<void> {
  const map = mapOf(outputs.get('C1/tanh')!, 2);
  const cases = [
    ['maximum2', 'max', 2, 'floor'],
    ['average2', 'average', 2, 'floor'],
    ['maximum3', 'max', 3, 'ceil'],
    ['average3', 'average', 3, 'ceil'],
  ] as const;
  for (const [name, kind, size, edge] of cases) {
    await show(page, {
      'pool.map': 2,
      'pool.kind': name,
      'pool.edge': edge,
      'pool.shift': 'left',
      'pool.at': '3.5',
    });
    const layer = new CeilPool({ kind, size, stride: 2 });
    const [pooled, after] = tf.tidy(() => {
      const whole = tf.tensor4d(map, [1, 28, 28, 1]);
      const moved = tf.concat([whole.slice([0, 0, 1], [1, 28, 27]), whole.slice([0, 0, 27], [1, 28, 1])], 2);
      return [whole, moved].map((each) => layer.call(each).dataSync<'float32'>());
    });
    expectSame(await shownMap(page, 'pooled'), pooled!, 1e-5);
    expectSame(await shownMap(page, 'pooled-after'), after!, 1e-5);
    const differences = pooled!.map((value, at) => Math.abs(after![at]! - value));
    const [share, largest, mean] = await valuesOf(page.locator('[data-change="pooled"] td'));
    expect(share).toBeCloseTo(differences.filter((size) => size > 1e-6).length / differences.length, 12);
    expect(largest).toBeCloseTo(Math.max(...differences), 4);
    expect(mean).toBeCloseTo(differences.reduce((sum, size) => sum + size, 0) / differences.length, 4);
    const values = await valuesOf(page.locator('.window .number-grid td'));
    const window = Array.from({ length: size ** 2 }, (_, at) => map[(6 + Math.floor(at / size)) * 28 + 10 + (at % size)]!); // prettier-ignore
    expectSame(values, window, 1e-5);
    expect(await valuesOf(page.locator('.window .starred'))).toEqual(
      kind === 'max' ? [Math.max(...values)] : [],
    );
  }
}

async function checkActivations(page: Page, outputs: ReadonlyMap<string, LayerOutput>): Promise<void> {
  const c1 = outputs.get('C1')!;
  const sums = mapOf(c1, 1);
  const [n, k, alpha, beta] = [3, 1.5, 0.2, 0.6];
  await show(page, { 'squash.map': 1, 'squash.kind': 'relu', 'squash.at': '9.11', 'norm.map': 1, 'norm.n': n, 'norm.k': k, 'norm.alpha': alpha, 'norm.beta': beta, 'norm.at': '9.11' }); // prettier-ignore
  expectSame(await shownMap(page, 'sums'), sums, 1e-5);
  expectSame(await shownMap(page, 'squashed'), sums.map((sum) => Math.max(0, sum)), 1e-5); // prettier-ignore
  expect(await valueOn(page, 'f')).toBeCloseTo(Math.max(0, sums[9 * 28 + 11]!), 5);
  const counts = await valuesOf(page.locator('[data-histogram="before"] [data-value]'));
  expect(counts).toHaveLength(20);
  const [least, most] = [Math.min(...sums), Math.max(...sums)];
  const inFirst = sums.filter((sum) => sum < least + (most - least) / 20).length;
  expect([counts[0], counts.reduce((sum, count) => sum + count)]).toEqual([inFirst, 28 * 28]);
  const normalised = tf.tidy(() =>
    new Lrn({ size: n, k, alpha, beta })
      .call(tf.tensor4d(c1.values, [1, 28, 28, 6]).relu())
      .dataSync<'float32'>(),
  );
  const expected = mapOf({ shape: c1.shape, values: normalised }, 1);
  expectSame(await shownMap(page, 'normalised'), expected, 1e-5);
  expect(await valueOn(page, 'b')).toBeCloseTo(expected[9 * 28 + 11]!, 5);
}

/** A photo of a gradient, small enough to be taken as it is. */
async function checkPhoto(page: Page): Promise<void> {
  const grey = Uint8Array.from({ length: 40 * 30 }, (_, at) => (at * 7) % 256);
  const buffer = await sharp(grey, { raw: { width: 40, height: 30, channels: 1 } })
    .png()
    .toBuffer();
  await show(page, { source: 'photo', kernel: 'laplacian8', stride: 2, padding: 'same' });
  await page.locator('input[type=file]').setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer });
  await page.getByText('40×30, shrunk to 40×30').or(page.getByText('30×40, shrunk to 30×40')).waitFor();
  await show(page, { source: 'photo', kernel: 'laplacian8', stride: 2, padding: 'same', at: '1.1' });
  const { weights } = kernelsOf('laplacian8', 3, 1)[0]!;
  const naive: Naive = { height: 30, width: 40, values: grey.map(Number), kernel: weights, size: 3, stride: 2, padding: 'same', border: 0 }; // prettier-ignore
  expectSame(await shownMap(page, 'output'), naiveCorrelation({ ...naive, values: Array.from(grey, (value) => value / 255) })); // prettier-ignore
}

testInChromium(
  'the numbers that the page shows of kernels, pooling and activation functions are Node’s',
  (browser) =>
    onPart(browser, async (page, digit) => {
      const grey = Float32Array.from(digit, (value) => value / 255);
      const outputs = await inNode(digit);
      await checkKernels(page, grey);
      await checkProducts(page, grey);
      await checkTrained(page, outputs);
      await checkPooling(page, outputs);
      await checkActivations(page, outputs);
      await checkPhoto(page);
    }),
);
