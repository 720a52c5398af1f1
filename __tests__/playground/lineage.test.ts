/** The lineage in the playground: what it brings along, and the page beside the same networks in Node. */
import { copyFileSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';
import { networkNames, zoo } from '../../models/registry';
import { firstMapsOf, median } from '../../playground/lineage/side-by-side';
import { answerOf } from '../../playground/model/answers';
import { addsInChinese } from '../../playground/texts/lineage';
import { layerGraph } from '../../src/describe/layers/layer-graph';
import { shapesOf } from '../../src/describe/describe-network';
import { useBackend } from '../../src/runtime/backend';
import { lineageOf, packedLineage } from '../../src/workflows/weights/playground/lineage';
import type { LineageData, PageData } from '../../src/workflows/weights/playground/page-data';
import { loadPretrained } from '../../verbs';
import { temporaryFolder } from '../support/fixtures';
import { testInChromium } from '../support/pages/chromium';
import { onPlayground, playgroundFile } from '../support/pages/playground';
import { projectRoot } from '../support/places';

let ofCheckout: LineageData;
const home = temporaryFolder();

const entryOf = (data: LineageData, name: string) => data.networks.find(({ network }) => network === name)!;

beforeAll(async () => {
  await useBackend();
  ofCheckout = lineageOf(zoo, projectRoot, (line) => {
    throw new Error(line);
  });
});

it('has every network of the zoo with the counts of its paper', () => {
  expect(ofCheckout.networks.map(({ network }) => network)).toEqual(networkNames);
  for (const entry of ofCheckout.networks) {
    expect(entry.parameters).toBe(entry.paperParameters.exact);
    if (entry.paperConnections) expect(entry.connections).toBe(entry.paperConnections.exact);
    expect(entry.drawing).toContain(`<title>${entry.network}: `);
  }
});

it('counts the layers one after the other as the papers’ titles and tables do', () => {
  const depths = {
    alexnet: 8,
    'vgg-a': 11,
    'vgg-b': 13,
    'vgg-c': 16,
    'vgg-d': 16,
    'vgg-e': 19,
    googlenet: 22,
  };
  for (const [name, depth] of Object.entries(depths)) expect(entryOf(ofCheckout, name).depth).toBe(depth);
});

it('has the mean of an experiment and the error of the weights that come with the package', () => {
  const read = (...path: string[]) =>
    JSON.parse(readFileSync(join(projectRoot, ...path), 'utf8')) as { mean: number; error: number };
  const { measured } = entryOf(ofCheckout, 'lenet5');
  const errorAt = (place: string) => measured.find((row) => row.place === place)!.error;
  expect(errorAt('results/lenet5')).toBe(read('results', 'lenet5', 'summary.json').mean);
  expect(errorAt('lenet5')).toBe(read('trained', 'lenet5', 'report.json').error);
  expect(ofCheckout.hasRuns).toBe(true);
});

it('says of a package without results that it has none, and has the errors of its weights', async () => {
  for (const name of ['lenet1', 'lecun1989']) {
    mkdirSync(join(home, 'trained', name), { recursive: true });
    for (const file of readdirSync(join(projectRoot, 'trained', name)))
      copyFileSync(join(projectRoot, 'trained', name, file), join(home, 'trained', name, file));
  }
  const data = lineageOf(zoo, home, () => undefined);
  expect(data.hasRuns).toBe(false);
  const places = data.networks.flatMap(({ measured }) => measured.map(({ of, place }) => `${of} ${place}`));
  expect(places).toEqual(['shipped lecun1989', 'shipped lenet1']);
  const packed = Buffer.from(await packedLineage(data), 'base64');
  expect(JSON.parse(gunzipSync(packed).toString())).toEqual(JSON.parse(JSON.stringify(data)));
});

it('has a Chinese text for every network of the map, and for no other', () => {
  const heads = networkNames.filter((name) => zoo[name].paper.lineage.kind !== 'variant');
  expect(Object.keys(addsInChinese)).toEqual(heads);
});

it('answers by the nearest code, by the largest activation and by probabilities', () => {
  const scores = Float32Array.of(3, 0.5, 1.25, 4);
  expect(answerOf({ kind: 'rbfPenalty', rival: null }, scores)).toEqual({
    ...{ kind: 'distances', first: { index: 1, score: 0.5 }, second: { index: 2, score: 1.25 } },
    margin: 0.75,
  });
  expect(answerOf({ kind: 'squaredError', on: 1, off: -1 }, scores)).toEqual({
    ...{ kind: 'activations', first: { index: 3, score: 4 }, second: { index: 0, score: 3 }, margin: 1 },
  });
  const shares = answerOf({ kind: 'softmaxCrossEntropy' }, Float32Array.of(Math.log(0.2), Math.log(0.8)));
  expect(shares.kind).toBe('logits');
  expect([shares.first.score, shares.second.score, shares.margin].map((share) => share.toFixed(5))).toEqual([
    '0.80000',
    '0.20000',
    '0.60000',
  ]);
});

it('takes first maps after their activation function, wherever that is', () => {
  const firstOf = (name: 'lenet5' | 'lecun1989' | 'nin-mnist') => {
    const model = shapesOf(name, zoo[name]);
    const found = firstMapsOf(layerGraph(model)).name;
    model.dispose();
    return found;
  };
  expect(['lenet5', 'lecun1989', 'nin-mnist'].map((name) => firstOf(name as 'lenet5'))).toEqual([
    'C1/tanh',
    'H1/tanh',
    'conv1',
  ]);
  expect([median([5, 1, 3]), median([4, 1, 3, 2])]).toEqual([3, 2.5]);
});

testInChromium(
  'the page shows a network that is chosen by keyboard, and each network’s answer to one digit as in Node',
  async (browser) => {
    const file = await playgroundFile();
    await onPlayground(
      browser,
      file,
      '#tab=lineage&picture=sample-3&lineage.network=lenet1',
      async (page) => {
        await page.waitForSelector('.network-card[data-network=lenet1]');
        await page.focus('.node[data-network=googlenet]');
        await page.keyboard.press('Enter');
        await page.waitForSelector('.network-card[data-network=googlenet]');
        await page.waitForFunction(() => location.hash.includes('lineage.network=googlenet'));
        const { parameters, multiplyAdds } = entryOf(ofCheckout, 'googlenet');
        const shown = (what: string) => page.getAttribute(`[data-count=${what}]`, 'data-value');
        expect([await shown('parameters'), await shown('multiply-adds')]).toEqual([
          String(parameters),
          String(multiplyAdds),
        ]);
        const drawn = await page.$eval('.drawing img', async (image: HTMLImageElement) => {
          await image.decode();
          return [image.naturalWidth, image.naturalHeight];
        });
        expect(drawn).toEqual([1560, 1832]);

        await page.waitForFunction(
          () => document.querySelectorAll('[data-milliseconds]:not([data-milliseconds=""])').length === 3,
        );
        const digit = await page.evaluate(() => {
          const { digits } = JSON.parse(document.getElementById('data')!.textContent) as PageData;
          return digits.find(({ name }) => name === 'sample-3')!.pixels;
        });
        const raw = { width: 28, height: 28, channels: 1 } as const;
        const image = await sharp(Buffer.from(digit, 'base64'), { raw }).png().toBuffer();
        for (const name of ['lenet5', 'lenet1'] as const) {
          const trained = await loadPretrained(name);
          const [first, second] = await trained.classify(image, { top: 2 });
          trained.dispose();
          const column = page.locator(`.column[data-model=${name}]`);
          const at = async (attribute: string) =>
            Number(await column.locator(`[${attribute}]`).getAttribute(attribute));
          expect([await at('data-answer'), await at('data-second')]).toEqual([first!.index, second!.index]);
          expect(await at('data-score')).toBeCloseTo(first!.score!, 2);
          expect(await at('data-margin')).toBeCloseTo(Math.abs(first!.score! - second!.score!), 2);
          expect(await at('data-multiply-adds')).toBe(entryOf(ofCheckout, name).multiplyAdds);
          expect(await at('data-milliseconds')).toBeGreaterThan(0);
        }
        const weights = join(projectRoot, 'trained', 'lenet5-distorted');
        await page.setInputFiles(
          '[data-choose=digit-model]',
          ['network.json', 'weights.safetensors'].map((name) => join(weights, name)),
        );
        await page.waitForSelector('.column[data-model="lenet5 (2)"] [data-answer="3"]');
      },
    );
  },
);
