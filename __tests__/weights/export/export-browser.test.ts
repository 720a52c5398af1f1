import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { zoo } from '../../../models/registry';
import { openImage } from '../../../src/data/image/open-image';
import { drawDigits } from '../../../src/data/formats/digits/digits';
import { createTransform } from '../../../src/data/loader/transform';
import type { Recipe } from '../../../src/core/network';
import { seededRandom } from '../../../src/core/random';
import { useBackend } from '../../../src/runtime/backend';
import { tf } from '../../../src/core/tf';
import { exportTfjs } from '../../../src/weights/export/tfjs';
import type { WeightsAs } from '../../../src/weights/export/weight-types';
import { pageScripts } from '../../../src/workflows/weights/page-scripts';
import type { TrainedModel } from '../../../src/weights/trained-model';
import { served, testInChromium } from '../../support/pages/chromium';
import { fillWeights, temporaryFolder } from '../../support/fixtures';
import { loaded } from '../../support/weights/exported-model';
import { narrow } from '../../support/weights/narrow-networks';

const root = temporaryFolder();
beforeAll(() => useBackend());

const side = 67;
const labels = ['ant', 'bee', '<b>cat</b>', 'dog', 'eel'];
const alexnetRecipe: TrainedModel['recipe'] = {
  input: { shape: [side, side, 3], preprocess: [{ kind: 'subtract', mean: [123, 117, 104] }] },
  augment: [{ kind: 'randomCrop', size: side, shortSide: 80 }, { kind: 'flip' }],
  loss: { kind: 'softmaxCrossEntropy' },
};

/** Exports a model and returns its folder. */
async function exported(
  network: string,
  model: tf.LayersModel,
  recipe: Pick<Recipe, 'input' | 'augment' | 'loss'>,
  names: readonly string[] | null,
  as: WeightsAs = 'float32',
): Promise<string> {
  const folder = join(root, network);
  mkdirSync(folder);
  const trained = { network, model, recipe, fitted: {}, labels: names, synsets: null, source: {} };
  await exportTfjs(folder, trained, await pageScripts(), as);
  return folder;
}

/** Opens the page of an export, and notes what must not happen. */
async function opened(page: Page, address: string): Promise<readonly string[]> {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(address) && !/^(?:data|blob):/.test(url)) complaints.push(`a request of ${url}`);
  });
  await page.goto(`${address}/classify.html`);
  await page.waitForFunction(`/^(Ready|The model)/.test(document.getElementById('status').textContent)`);
  expect(await page.textContent('#status')).toMatch(/^Ready/);
  return complaints;
}

/** The scores that an exported model gives for images in a browser. */
async function scoresInBrowser(browser: Browser, folder: string, images: tf.Tensor): Promise<number[]> {
  const values = [...images.dataSync<'float32'>()];
  return served(folder, async (address) => {
    const page = await browser.newPage();
    const complaints = await opened(page, address);
    const found = await page.evaluate<number[]>(
      `scoresOf(new Float32Array(${JSON.stringify(values)})).then((scores) => [...scores])`,
    );
    expect(complaints).toEqual([]);
    return found;
  });
}

const largest = (one: ArrayLike<number>, other: ArrayLike<number>) => {
  expect(one.length).toBe(other.length);
  return Array.from(one).reduce((most, value, at) => Math.max(most, Math.abs(value - other[at]!)), 0);
};

testInChromium(
  'a network with layers of ours gives the numbers in a browser that it gives here',
  async (browser) => {
    const alexnet = narrow['alexnet-bvlc'].build({ classes: 5, input: [side, side, 3], seed: 1 });
    const lenet = zoo.lenet5.build({ classes: 10, seed: 1 });
    for (const [model, recipe] of [
      [alexnet, alexnetRecipe],
      [lenet, zoo.lenet5.recipe],
    ] as const) {
      fillWeights(model);
      const folder = await exported(`numbers-${model.name}`, model, { ...recipe, augment: [] }, null);
      const images = tf.randomUniform([1, ...recipe.input.shape], -1, 1, 'float32', 3);
      const here = (model.predict(images) as tf.Tensor).dataSync<'float32'>();
      const there = await scoresInBrowser(browser, folder, images);
      expect(
        largest(
          here,
          here.map(() => 0),
        ),
      ).toBeGreaterThan(0.01);
      expect(largest(there, here)).toBeLessThan(
        1e-4 *
          Math.max(
            1,
            largest(
              here,
              here.map(() => 0),
            ),
          ),
      );
      images.dispose();
      model.dispose();
    }
  },
);

testInChromium(
  'kernels in 16 and 8 bits give the numbers in a browser that they give here',
  async (browser) => {
    const model = narrow['alexnet-bvlc'].build({ classes: 5, input: [side, side, 3], seed: 1 });
    fillWeights(model);
    const images = tf.randomUniform([1, side, side, 3], -1, 1, 'float32', 3);
    const whole = (model.predict(images) as tf.Tensor).dataSync<'float32'>();
    const size = Math.max(...whole.map(Math.abs));
    for (const [as, most] of [
      ['float16', 0.005],
      ['int8', 0.1],
    ] as const) {
      const folder = await exported(`bits-${as}`, model, { ...alexnetRecipe, augment: [] }, null, as);
      const there = await scoresInBrowser(browser, folder, images);
      const graph = await loaded(folder);
      const here = (graph.predict(images) as tf.Tensor).dataSync<'float32'>();
      expect(largest(there, here)).toBeLessThan(1e-4 * size);
      expect(largest(there, whole)).toBeGreaterThan(1e-4 * size);
      expect(largest(there, whole)).toBeLessThan(most * size);
      graph.dispose();
    }
    tf.dispose(images);
    model.dispose();
  },
);

testInChromium(
  'a photo chosen in the page is seen as in training here, and its best classes shown',
  async (browser) => {
    const random = seededRandom(6);
    const model = narrow['alexnet-bvlc'].build({ classes: 5, input: [side, side, 3], seed: 1 });
    fillWeights(model);
    const folder = await exported('photo', model, alexnetRecipe, labels);
    // Smooth, as photos are, and of neither side the network's.
    const pixels = Buffer.from(Array.from({ length: 9 * 14 * 3 }, () => random.integer(256)));
    const photo = join(root, 'photo.png');
    await sharp(pixels, { raw: { width: 14, height: 9, channels: 3 } })
      .resize(290, 187)
      .png()
      .toFile(photo);
    const transform = createTransform({ recipe: alexnetRecipe, stored: null });
    const expected = new Float32Array(side * side * 3);
    (await transform.decode(await openImage({ file: photo }, transform.channels), null)).write(expected);
    const scores = tf.tidy(() =>
      (model.predict(tf.tensor4d(expected, [1, side, side, 3])) as tf.Tensor).softmax().dataSync<'float32'>(),
    );
    const best = scores.indexOf(scores.reduce((most, score) => Math.max(most, score), 0));
    const broken = join(root, 'broken.png');
    writeFileSync(broken, 'no image');
    await served(folder, async (address) => {
      const page = await browser.newPage();
      const complaints = await opened(page, address);
      await page.setInputFiles('#file', photo);
      await page.waitForFunction(`!document.getElementById('result').hidden`);
      expect(await page.textContent('#status')).toMatch(/^photo\.png: \d+ ms, computed by (webgl|cpu)\.$/);
      expect(await page.textContent('#answers td:first-child')).toBe(labels[best]);
      expect(await page.textContent('#answers td:nth-child(3)')).toMatch(/^\d+\.\d\d %$/);
      const seen = await page.evaluate<number[]>(
        `seenOf(document.getElementById('file').files[0]).then(({ values }) => [...values])`,
      );
      // Both round to whole pixels after each of two passes.
      expect(largest(seen, expected)).toBeLessThanOrEqual(2);
      const mean = seen.reduce((sum, value, at) => sum + Math.abs(value - expected[at]!), 0) / seen.length;
      expect(mean).toBeLessThan(0.5);
      await page.setInputFiles('#file', broken);
      await page.waitForFunction(`/no image/.test(document.getElementById('status').textContent)`);
      expect(complaints).toEqual([]);
    });
    model.dispose();
  },
);

testInChromium(
  'a digit that is dark on light is padded and inverted in the page as here',
  async (browser) => {
    const { build, recipe } = zoo.lenet5;
    const model = build({ classes: 10, seed: 1 });
    fillWeights(model);
    const shown = { ...recipe, input: { ...recipe.input, background: 'black' } } as const;
    const folder = await exported('digits', model, shown, null);
    const { pixels } = drawDigits({ seed: 2, train: 10, test: 10 }).test;
    const light = await pixels(Int32Array.of(0));
    const expected = new Float32Array(32 * 32);
    createTransform({ recipe: shown, stored: [28, 28, 1] }).fromPixels(light, null, expected);
    await served(folder, async (address) => {
      const page = await browser.newPage();
      const complaints = await opened(page, address);
      expect(await page.locator('#inverting').isHidden()).toBe(true); // the picture itself tells
      for (const [name, inverted] of [
        ['light', false],
        ['dark', true],
      ] as const) {
        const picture = join(root, `${name}.png`);
        const image = inverted ? light.map((value) => 255 - value) : light;
        await sharp(image, { raw: { width: 28, height: 28, channels: 1 } })
          .png()
          .toFile(picture);
        await page.setInputFiles('#file', picture);
        await page.waitForFunction(
          `document.getElementById('status').textContent.startsWith(${JSON.stringify(name)})`,
        );
        const said = (await page.textContent('#status'))!.includes(
          'It is dark on light, and shown inverted.',
        );
        expect([name, said]).toEqual([name, inverted]);
        const seen = await page.evaluate<number[]>(
          `seenOf(document.getElementById('file').files[0]).then(({ values }) => [...values])`,
        );
        expect(largest(seen, expected)).toBeLessThan(1e-6);
      }
      expect(complaints).toEqual([]);
    });
    model.dispose();
  },
);

testInChromium('a page of distances says so, and shows the nearest class first', async (browser) => {
  const { build, recipe } = zoo.lenet5;
  const model = build({ classes: 10, seed: 1 });
  fillWeights(model);
  const folder = await exported('distances', model, recipe, null);
  const photo = join(root, 'grey.png');
  await sharp({ create: { width: 32, height: 32, channels: 3, background: 'grey' } })
    .png()
    .toFile(photo);
  await served(folder, async (address) => {
    const page = await browser.newPage();
    const complaints = await opened(page, address);
    await page.setInputFiles('#file', photo);
    await page.waitForFunction(`!document.getElementById('result').hidden`);
    expect(await page.textContent('#status')).toMatch(
      /^grey\.png: \d+ ms, computed by (webgl|cpu)\. Distances, smaller is nearer\.$/,
    );
    const shown = (await page.locator('#answers td:nth-child(3)').allTextContents()).map(Number);
    expect(shown).toEqual([...shown].sort((one, other) => one - other));
    expect(new Set(shown).size).toBe(5);
    expect(complaints).toEqual([]);
  });
  model.dispose();
});
