/** A photo through GoogLeNet in a page, beside the same network in Node. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { zoo } from '../../models/registry';
import { batchesInOrder } from '../../src/data/loader/batches';
import { openLoader } from '../../src/data/loader/loader';
import type { RankedClass } from '../../src/evaluate/scores/classify';
import { withoutDrawing } from '../../src/layers/initialise/initialise';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { modelFiles, openModelFolder, writeModelFolder } from '../../src/weights/model-folder';
import { importModel, inspect, openTrained } from '../../verbs';
import { fillWeights, temporaryFolder } from '../support/fixtures';
import { testInChromium } from '../support/pages/chromium';
import { onPlayground, playgroundFile } from '../support/pages/playground';

const folder = temporaryFolder();
const allHeads = ['loss1/classifier', 'loss2/classifier'];

let file: string;

beforeAll(async () => {
  await useBackend();
  file = await playgroundFile();
});

/** What Node says of a photo: the best classes, and the probabilities of the auxiliary heads whose weights are there. */
interface Expected {
  readonly best: readonly RankedClass[];
  readonly heads: Readonly<Record<string, readonly number[]>>;
}

async function inNode(model: string, photo: string, heads = allHeads): Promise<Expected> {
  const trained = await openTrained(model);
  const best = await trained.classify(photo);
  const data = {
    ...({ kind: 'files', name: 'photo', synthetic: false, classes: ['?'] } as const),
    ...{ labels: new Int32Array(1), files: [{ file: photo }] },
  };
  const loader = openLoader();
  const found: Record<string, number[]> = {};
  for await (const { images, shape } of batchesInOrder(data, trained.recipe, 1, { loader })) {
    const outputs = trained.model.predict(tf.tensor(images, [1, ...shape])) as tf.Tensor[];
    for (const name of heads) found[name] = [...outputs[1 + allHeads.indexOf(name)]!.softmax().dataSync()];
  }
  await loader.close();
  trained.dispose();
  return { best, heads: found };
}

/** Chooses a photo, and holds what the page shows against Node. */
async function expectAsInNode(page: Page, photo: string, expected: Expected): Promise<void> {
  // What is shown of a photo before is taken away, and what comes is another element.
  await page.$$eval('.answers .ranking', (all) => all.forEach(({ dataset }) => (dataset['before'] = 'yes')));
  await page.setInputFiles('[data-choose=photo]', photo);
  await page.waitForSelector('.answers .ranking:not([data-before])');
  const ranking = (within: string) =>
    page.$$eval(`${within} li`, (rows) =>
      rows.map(({ dataset }) => [Number(dataset['class']), Number(dataset['value'])] as const),
    );
  const shown = await ranking('.answers');
  expect(shown.map(([index]) => index)).toEqual(expected.best.map(({ index }) => index));
  shown.forEach(([, value], at) =>
    expect(Math.abs(value - expected.best[at]!.probability!)).toBeLessThan(1e-3),
  );
  const sum = () =>
    page.$eval('[data-cam-class]', ({ dataset }) => ({
      wanted: dataset['camClass'],
      mean: Number(dataset['mean']),
      bias: Number(dataset['bias']),
      logit: Number(dataset['logit']),
    }));
  for (const rank of [0, 3]) {
    const [wanted] = shown[rank]!;
    await page.selectOption('.cam select', String(wanted));
    const { mean, bias, logit, ...chosen } = await sum();
    expect(chosen.wanted).toBe(String(wanted));
    expect(Math.abs(mean + bias - logit)).toBeLessThan(1e-4 * Math.max(1, Math.abs(logit)));
  }
  const loaded = await page.$$eval('[data-loaded=true]', (cards) =>
    cards.map(({ dataset }) => dataset['head']!),
  );
  expect(loaded).toEqual(Object.keys(expected.heads));
  for (const name of loaded)
    for (const [index, value] of await ranking(`[data-head="${name}"]`))
      expect(Math.abs(value - expected.heads[name]![index]!)).toBeLessThan(1e-3);
}

/** Holds Grad-CAM, the input gradient and occlusion for the class that is chosen against those of the command. */
async function expectEvidenceOfNode(page: Page, model: string, photo: string): Promise<void> {
  const dataOf = (selector: string) =>
    page.$eval(selector, ({ dataset }) => ({ ...dataset }) as Readonly<Record<string, string>>);
  const wanted = Number((await dataOf('[data-cam-class]'))['camClass']);
  await page.click('[data-compute=gradients]');
  await page.waitForSelector('[data-gradient]', { timeout: 120_000 });
  await page.click('[data-occlude]');
  await page.waitForSelector('[data-occluded]', { timeout: 240_000 });
  const { image } = await inspect(model, { image: photo, class: wanted, occluder: 56, stride: 28 });
  const { gradCam, gradient, occlusion } = image!;
  const near = (text: string | undefined, value: number) =>
    expect(Math.abs(Number(text) - value)).toBeLessThan(2e-3 * Math.max(Math.abs(value), 1e-9));
  const cam = await dataOf('[data-grad-cam]');
  expect(cam['gradCam']).toBe(gradCam!.layer);
  near(cam['most'], Math.max(...gradCam!.values));
  near(
    (await dataOf('[data-gradient]'))['gradient'],
    gradient.saliency.reduce((most, value) => Math.max(most, value), 0),
  );
  const covered = await dataOf('[data-occluded]');
  expect(covered['occluded']).toBe(String(occlusion.values.length));
  near(covered['whole'], occlusion.whole);
  near(covered['least'], Math.min(...occlusion.values));
}

/** Opens a folder in the page, and unfolds a module. */
async function openNetwork(page: Page, model: string): Promise<void> {
  const files = [modelFiles.record, modelFiles.weights].map((name) => join(model, name));
  await page.setInputFiles('[data-choose=model]', files);
  await page.waitForSelector('[data-opened=googlenet]', { timeout: 60_000 });
}

testInChromium(
  'a photo’s answers, the sum of its class activation map and the auxiliary heads are those of Node',
  async (browser) => {
    const model = withoutDrawing(() => zoo.googlenet.build({ classes: 6, seed: 1 }));
    fillWeights(model);
    const out = join(folder, 'random');
    await writeModelFolder(out, model, {
      ...{ network: 'googlenet', classes: 6, labels: [...'abcdef'], synsets: null, seed: 1 },
      missing: ['loss2/conv/kernel'],
      input: structuredClone(zoo.googlenet.recipe.input) as never,
      source: { kind: 'fineTuned', data: 'nothing', epochs: 0, frozen: [], from: {} },
      ...{ command: 'a test', commit: null, made: new Date().toISOString() },
    });
    model.dispose();
    const photo = join(folder, 'noise.png');
    const pixels = Uint8Array.from({ length: 300 * 240 * 3 }, (_, at) => (at * 2654435761) >>> 24);
    await sharp(pixels, { raw: { height: 240, width: 300, channels: 3 } })
      .blur(3)
      .toFile(photo);
    const expected = await inNode(out, photo, ['loss1/classifier']);
    await onPlayground(browser, file, '#tab=photo&photo.open=inception_4c', async (page) => {
      await page.setInputFiles('[data-choose=model]', join(out, modelFiles.record));
      await page.locator('[role=alert]', { hasText: 'found no weights.safetensors' }).waitFor();
      await openNetwork(page, out);
      await expectAsInNode(page, photo, expected);
      await expectEvidenceOfNode(page, out, photo);
      expect(await page.locator('details.module').count()).toBe(9);
      const branches = page.locator('[data-section=inception_4c] [data-branch]');
      expect(await branches.count()).toBe(4);
      const five = page.locator('[data-layer="inception_4c/five"]');
      expect(await five.locator('.map').count()).toBe(16);
      await five.locator('button', { hasText: 'Show all 64 maps' }).click();
      expect(await five.locator('.map').count()).toBe(64);
      await page.locator('[data-section=conv1] summary').click();
      await page.waitForSelector('[data-layer=conv1] .map');
      await page.waitForFunction(() => location.hash.includes('photo.open=inception_4c+conv1'));
    });
  },
);

const data = process.env['LINEAGE_DATA'];
const published = data && join(data, 'googlenet', 'bvlc_googlenet.caffemodel');

const name = 'the published weights of GoogLeNet say in a page what they say in Node of two photos';
if (!published) test.skip(`${name} (LINEAGE_DATA names no folder that has them)`, () => undefined);
else
  testInChromium(name, async (browser) => {
    const [imported, whole] = [join(folder, 'imported'), join(folder, 'whole')];
    await importModel({ file: published, network: 'googlenet', out: imported });
    // BVLC's auxiliary heads are not in the file; random ones, which are said to be loaded, take their place.
    const trained = await openTrained(imported);
    const { sha256: _, ...record } = await openModelFolder(imported);
    await writeModelFolder(whole, trained.model, { ...record, missing: [] });
    trained.dispose();
    const images = join(data, 'imagenet-val');
    const files = readFileSync(join(images, 'labels.txt'), 'utf8').split('\n');
    const photos = [1, 6].map((at) => join(images, 'images', files[at]!.split(' ')[0]!));
    await onPlayground(browser, file, '#tab=photo', async (page) => {
      await openNetwork(page, whole);
      for (const photo of photos) await expectAsInNode(page, photo, await inNode(whole, photo));
    });
  });
