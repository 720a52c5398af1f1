/** The page’s backward pass in a real browser, beside the function that `check-gradients` uses, in Node. */
import type { Page } from 'playwright-core';
import { zoo } from '../../models/registry';
import { digitCode } from '../../playground/picture/digit-code';
import { tf } from '../../src/core/tf';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { preprocess } from '../../src/data/preprocess/preprocess';
import { backwardPass, type BackwardPass } from '../../src/describe/gradients/backward-pass';
import { meanLoss } from '../../src/train/loss';
import { openTrained } from '../../verbs';
import { testInChromium } from '../support/pages/chromium';
import { onPlayground, playgroundFile, valueOn } from '../support/pages/playground';

const target = 8;

let file: string;
let picture: string;
let pass: BackwardPass;
/** The loss with one pixel of the input changed. */
let lossWith: (place: number, by: number) => number;

beforeAll(async () => {
  file = await playgroundFile();
  const { test: digits } = drawDigits({ seed: 7, train: 1, test: 12 });
  const pixels = (await digits.pixels(Int32Array.of(digits.labels.indexOf(3)))).slice() as Uint8Array;
  picture = digitCode(pixels);
  const { model, recipe } = await openTrained('lenet5');
  const { values } = preprocess(pixels, 1, [28, 28, 1], recipe.input.preprocess);
  const images = tf.tensor4d(values, [1, 32, 32, 1]);
  const labels = tf.tensor1d([target], 'int32');
  pass = await backwardPass({ model, images, labels }, { ...zoo.lenet5.recipe, ...recipe });
  lossWith = (place, by) =>
    tf.tidy(() => {
      const moved = tf.tensor4d(values.with(place, values[place]! + by), [1, 32, 32, 1]);
      return meanLoss(recipe.loss, model.predict(moved) as tf.Tensor2D, labels).dataSync()[0]!;
    });
});

afterAll(() => pass.dispose());

const layerOf = (name: string) => pass.layers.find(({ layer }) => layer.name === name)!;

/** How far a number of the page may lie from Node’s, as a share of the largest of its tensor. */
const tolerance = 1e-4;

function expectNear(found: number, slope: tf.Tensor, place: number): void {
  const values = slope.dataSync<'float32'>();
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest).toBeGreaterThan(0);
  expect(Math.abs(found - values[place]!) / largest).toBeLessThan(tolerance);
}

/** Goes to an address of the part, as a link does. */
async function go(page: Page, settings: string): Promise<void> {
  const fragment = `#tab=backwards&lang=en&picture=${picture}&backwards.target=${target}&${settings}`;
  await page.evaluate((to) => void (location.hash = to), fragment);
}

const units = [
  ...['C1.0.4.9', 'C1.3.14.11', 'C1.5.20.13', 'S2.2.6.6', 'S2.4.7.3'],
  ...['C3.0.3.3', 'C3.7.4.5', 'C3.15.5.4', 'S4.11.2.2', 'C5.40.0.0', 'F6.12', 'F6.77', 'output.3'],
];

testInChromium(
  'the loss, the sensitivities, the gradients and the update that the page shows are Node’s',
  (browser) =>
    onPlayground(
      browser,
      file,
      `#tab=backwards&picture=${picture}&backwards.target=${target}`,
      async (page) => {
        await page.waitForSelector('[data-name=loss]');
        expect((await valueOn(page, 'loss')) / pass.loss).toBeCloseTo(1, 4);
        expect((await valueOn(page, 'terms')) / pass.loss).toBeCloseTo(1, 4);
        const [scores] = pass.outputs;
        for (let digit = 0; digit < 10; digit++)
          expectNear(await valueOn(page, `score-slope-${digit}`), scores!.slope, digit);

        for (const unit of units) {
          await go(page, `unit=${unit}`);
          const readout = page.locator(`[data-unit="${unit}"]`);
          const [layer, map, row, column] = unit.split('.');
          const { outputSlope } = layerOf(layer!);
          const [, , width = 1, maps = 1] = outputSlope.shape;
          const place = row ? (Number(row) * width + Number(column)) * maps + Number(map) : Number(map);
          const shown = await readout.locator('[data-name=slope]').getAttribute('data-value');
          expectNear(Number(shown), outputSlope, place);
          if (layer === 'output') continue;
          // δ = f′(u) ∂E/∂x, with the slope of the squashing function worked out from its formula.
          const product = await readout.locator('[data-name=product]').getAttribute('data-value');
          expectNear(Number(product), outputSlope, place);
        }

        for (const [layer, map, weight] of [
          ['C1', 0, 'kernel.57'],
          ['C1', 0, 'bias.4'],
          // The kernel's last links are those of map 15, which reads six maps: 24·60 + 54 + 3.
          ['C3', 15, `kernel.${24 * 60 + 57}`],
          ['S2', 0, 'coefficient.3'],
          ['C5', 7, `kernel.${130 * 120 + 7}`],
          ['F6', 50, `kernel.${33 * 84 + 50}`],
        ] as const) {
          await go(page, `backwards.layer=${layer}&backwards.map=${map}&backwards.weight=${weight}`);
          await page.waitForSelector(`[data-weight="${weight}"]`);
          await page.waitForFunction(
            (name) => document.querySelector('[data-weight]')!.textContent.startsWith(name),
            layer,
          );
          const [name, place] = weight.split('.');
          const { value, slope } = layerOf(layer).weights.find((each) => each.name === name)!;
          expectNear(await valueOn(page, 'weight'), value, Number(place));
          expectNear(await valueOn(page, 'weight-slope'), slope, Number(place));
        }

        const squares = pass.layers
          .flatMap(({ weights }) => weights)
          .reduce((sum, { slope }) => sum + tf.tidy(() => slope.square().sum().dataSync()[0]!), 0);
        expect((await valueOn(page, 'step-predicted')) / (-0.001 * squares)).toBeCloseTo(1, 3);
      },
    ),
);

testInChromium('the input gradient and the occlusion are differences of Node’s loss', (browser) =>
  onPlayground(
    browser,
    file,
    `#tab=backwards&picture=${picture}&backwards.target=${target}`,
    async (page) => {
      const image = layerOf('C1').inputs[0]!.slope;
      const values = image.dataSync<'float32'>();
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const steepest = values.findIndex((value) => Math.abs(value) === largest);
      for (const place of [steepest, 12 * 32 + 15, 20 * 32 + 9]) {
        const [row, column] = [Math.floor(place / 32), place % 32];
        await go(page, `unit=image.0.${row}.${column}&backwards.square=1`);
        const readout = page.locator(`[data-pixel="${row}.${column}"]`);
        const slope = await readout.locator('[data-name=input-slope]').getAttribute('data-value');
        expectNear(Number(slope), image, place);
        const difference = (lossWith(place, 0.01) - lossWith(place, -0.01)) / 0.02;
        expect(Math.abs(Number(slope) - difference) / largest).toBeLessThan(0.01);
        // A black square of one pixel changes that pixel to −0.1.
        const black = layerOf('C1').inputs[0]!.value.dataSync()[place]!;
        const occluded = readout.locator('[data-name=occluded]');
        expect(Number(await occluded.getAttribute('data-value'))).toBeCloseTo(
          lossWith(place, -0.1 - black),
          2,
        );
      }
    },
  ),
);

testInChromium(
  'a step makes the loss of the copy fall, pixels are turned into another digit, and the page takes it',
  (browser) =>
    onPlayground(browser, file, `#tab=backwards&picture=${picture}&backwards.turnSteps=25`, async (page) => {
      await page.click('nav button:has-text("Turn this 3 into an 8")');
      await go(page, 'backwards.turnSteps=25&backwards.rate=0.00001');
      await page.waitForFunction(() =>
        document.querySelector('[data-name=step-predicted]')?.closest('li')?.textContent.includes('e−5'),
      );
      await page.click('[data-do=apply]');
      await page.waitForSelector('[data-step="1"]');
      const changes = [await valueOn(page, 'actual'), await valueOn(page, 'predicted')];
      expect(changes[0]! / changes[1]!).toBeCloseTo(1, 1);
      expect((await valueOn(page, 'loss')) / pass.loss).toBeCloseTo(1, 4);

      expect(await valueOn(page, 'turn-answer')).toBe(3);
      expect((await valueOn(page, 'turn-loss')) / pass.loss).toBeCloseTo(1, 4);
      await page.click('[data-do=play]');
      await page.waitForSelector('[data-name="turn-steps"][data-value="25"]');
      expect(await valueOn(page, 'turn-answer')).toBe(8);
      const distance = await valueOn(page, 'turn-wanted');
      await page.click('[data-do=use]');
      await page.waitForFunction((before) => {
        const shown = document.querySelector('[data-name="turn-steps"]');
        return shown?.getAttribute('data-value') === '0' && !location.hash.includes(before);
      }, picture);
      await page.waitForSelector('[data-name="turn-answer"][data-value="8"]');
      const now = await valueOn(page, 'score-8');
      expect(Math.abs(now - distance) / distance).toBeLessThan(0.05);
    }),
);
