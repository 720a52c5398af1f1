import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { FinetuneEvent } from '../../browser';
import {
  exportModel,
  finetune as finetuneInNode,
  loadPretrained,
  openData,
  openTrained,
  trainRun,
} from '../../index';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { openLoader } from '../../src/data/loader/loader';
import { evaluate } from '../../src/evaluate/evaluate';
import { testInChromium } from '../support/pages/chromium';
import { buildSite, onPage } from '../support/pages/page';
import { projectRoot } from '../support/places';

let site: string;

const digits = drawDigits({ seed: 3, train: 60, test: 12 });

/** A drawn digit as a PNG on the page's server. */
async function digitFile(index: number, name: string, negative = false): Promise<string> {
  const pixels = await digits.test.pixels(Int32Array.of(index));
  const image = sharp(pixels, { raw: { width: 28, height: 28, channels: 1 } });
  await (negative ? image.negate() : image).png().toFile(join(site, name));
  return join(site, name);
}

beforeAll(async () => {
  site = await buildSite();
  symlinkSync(join(projectRoot, 'trained'), join(site, 'trained'));
});

testInChromium(
  'the weights that come with the package answer in a page as in Node, also for dark on light',
  (browser) =>
    onPage(browser, async (page, address) => {
      const files = await Promise.all([digitFile(0, 'digit.png'), digitFile(0, 'negative.png', true)]);
      for (const name of ['lenet5', 'lenet5-distorted', 'lenet1'] as const) {
        const here = await loadPretrained(name);
        const expected = await here.classify(files);
        here.dispose();
        const found = await page.evaluate(
          async ({ address, name }) => {
            await lib.useBackend('wasm');
            const model = await lib.loadPretrained(name, lib.zoo);
            const answers = [];
            for (const file of ['digit.png', 'negative.png'])
              answers.push(await model.answer(await (await fetch(`${address}/${file}`)).blob(), { top: 5 }));
            model.dispose();
            return answers;
          },
          { address, name },
        );
        expect(found.map(({ inverted }) => inverted)).toEqual([false, true]);
        found.forEach(({ predictions }, at) => {
          expect(predictions.map(({ label }) => label)).toEqual(expected[at]!.map(({ label }) => label));
          predictions.forEach(({ score }, rank) => expect(score).toBeCloseTo(expected[at]![rank]!.score!, 2));
        });
      }
    }),
);

testInChromium(
  'a model comes by its address, as dropped files, as one file and from the database, and answers alike',
  (browser) =>
    onPage(browser, async (page, address) => {
      await exportModel('lenet5', { format: 'safetensors', out: join(site, 'exported.safetensors') });
      await digitFile(1, 'one.png');
      const found = await page.evaluate(async (address) => {
        await lib.useBackend('wasm');
        const networks = { lenet5: lib.lenet5 };
        const digit = await (await fetch(`${address}/one.png`)).blob();
        const folder = `${address}/trained/lenet5`;
        const told: string[] = [];
        const onProgress = (file: string, bytes: number, all: number | null) =>
          void (bytes === all && told.push(file.split('/').at(-1)!));
        const byAddress = await lib.openModel(`${folder}/`, networks, { onProgress });
        const files = Object.entries(await lib.modelFolder(byAddress)).map(
          ([name, bytes]) => new File([bytes], name),
        );
        const dropped = await lib.openModel(files, networks);
        await lib.saveModel('mine', byAddress);
        await lib.saveModel('mine', dropped); // in place of the other
        const models = {
          byAddress,
          dropped,
          single: await lib.openModel(`${address}/exported.safetensors`, networks),
          saved: await lib.openSavedModel('mine', networks),
          written: await lib.openSafetensors(await lib.safetensorsFile(dropped), 'written', networks),
        };
        const answers: Record<string, number[]> = {};
        for (const [name, model] of Object.entries(models))
          answers[name] = (await model.classify(digit, { top: 10 })).map(({ score }) => score!);
        const names = await lib.savedModels();
        await lib.removeSavedModel('mine');
        const refused = (work: Promise<unknown>) =>
          work.then(
            () => 'nothing',
            (error: Error) => `${error.name}: ${error.message.replaceAll(address, '')}`,
          );
        const damaged = files.map((file) =>
          file.name === 'weights.safetensors' ? new File([file.slice(0, -4), 'oops'], file.name) : file,
        );
        const stopped = new AbortController();
        stopped.abort();
        return {
          answers,
          names,
          told,
          source: models.saved.source['kind'],
          refusals: [
            await refused(lib.openSavedModel('mine', networks)),
            await refused(lib.openModel(`${address}/nowhere`, networks)),
            await refused(lib.openModel(folder, { lenet1: lib.lenet1 })),
            await refused(lib.openModel(damaged, networks)),
            await refused(lib.openModel(files.slice(0, 1), networks)),
            await refused(lib.openModel(folder, networks, { signal: stopped.signal })),
            await refused(lib.openSafetensors(new Uint8Array(40), 'zeros', networks)),
          ],
        };
      }, address);
      const [first, ...others] = Object.values(found.answers);
      expect(first).toHaveLength(10);
      for (const other of others) expect(other).toEqual(first);
      expect(found.names).toEqual(['mine']);
      expect(found.told).toEqual([]); // this server tells no lengths
      expect(found.source).toBe('trained');
      expect(found.refusals).toEqual([
        'UserError: mine: expected a model that the browser keeps, found none',
        'UserError: /nowhere: expected a model’s folder, found no network.json in it',
        'UserError: /trained/lenet5: expected a network of lenet1, found one of lenet5; pass that one too',
        expect.stringMatching(
          /^UserError: the given files\/weights\.safetensors: expected the SHA-256 /,
        ) as string,
        'UserError: the given files: expected a model’s folder, found no weights.safetensors in it',
        expect.stringMatching(/^AbortError: /) as string,
        expect.stringMatching(/^UserError: zeros is not a whole safetensors file/) as string,
      ]);
    }),
);

testInChromium('a page fine-tunes as Node does: the same split, head, answers and errors', (browser) =>
  onPage(browser, async (page, address) => {
    // Digits as photos by class, in folders for Node and as files for the page, in the same order.
    const folder = join(site, 'photos');
    const byClass: Record<string, string[]> = {};
    const { train: data } = drawDigits({ seed: 5, train: 300, test: 1 });
    for (const [index, label] of data.labels.entries()) {
      if (label > 2) continue;
      const name = ['ant', 'bee', 'cat'][label]!;
      const file = `${String(index).padStart(3, '0')}.png`;
      mkdirSync(join(folder, name), { recursive: true });
      const pixels = await data.pixels(Int32Array.of(index));
      await sharp(pixels, { raw: { width: 28, height: 28, channels: 1 } })
        .png()
        .toFile(join(folder, name, file));
      (byClass[name] ??= []).push(`photos/${name}/${file}`);
    }
    const weights = join(site, 'modern');
    await trainRun({ network: 'lenet5-modern', data: 'digits', epochs: 1, out: weights, backend: 'wasm' });
    await exportModel(weights, { format: 'safetensors', out: join(site, 'start.safetensors') });
    const start = join(site, 'start.safetensors');
    const there = await finetuneInNode({
      ...{ network: 'lenet5-modern', weights: start, data: folder, out: join(site, 'tuned') },
      backend: 'wasm',
    });
    if (!there.finished) throw new Error('expected a fine-tuning that ends');
    const tuned = await openTrained(join(site, 'tuned'));
    const shown = byClass['bee']!.slice(0, 5);
    const expected = await tuned.classify(shown.map((file) => join(site, file)));
    // Photos of other classes are taken as they are, whatever the network learned before.
    expect(tuned.recipe.input.background).toBeUndefined();
    tuned.dispose();
    const found = await page.evaluate(
      async ({ address, byClass, shown }) => {
        await lib.useBackend('wasm');
        const blob = async (file: string) => (await fetch(`${address}/${file}`)).blob();
        const from = await lib.openModel(`${address}/start.safetensors`, {
          'lenet5-modern': lib.lenet5Modern,
        });
        const images: Record<string, Blob[]> = {};
        for (const [label, files] of Object.entries(byClass))
          images[label] = await Promise.all(files.map(blob));
        const events: FinetuneEvent['kind'][] = [];
        const { trained, test, solved } = await lib.finetune({
          from,
          data: lib.labelledImages(images),
          onProgress: ({ kind }) => void (events.includes(kind) || events.push(kind)),
        });
        const answers = [];
        for (const file of shown) answers.push(await trained.classify(await blob(file)));
        await lib.saveModel('tuned', trained);
        const again = await lib.openSavedModel('tuned', lib.zoo);
        const [best] = await again.classify(await blob(shown[0]!));
        const stop = new AbortController();
        const stopped = await lib
          .finetune({
            from,
            data: lib.labelledImages(images),
            signal: stop.signal,
            onProgress: ({ kind }) => kind === 'features' && stop.abort(),
          })
          .then(
            () => 'nothing',
            (error: Error) => error.name,
          );
        const shownAs = [from, trained].map(({ recipe }) => recipe.input.background ?? 'as they are');
        return { answers, test, solved, events, best: best!.label, stopped, shownAs };
      },
      { address, byClass, shown },
    );
    expect(found.solved!.weightDecay).toBe(there.report.solved!.weightDecay);
    expect(found.test.error).toBe(there.report.error);
    expect(found.test.images).toBe(there.report.images);
    expect(found.events).toEqual(['features', 'solved']);
    expect(found.shownAs).toEqual(['black', 'as they are']);
    found.answers.forEach((answer, at) => {
      expect(answer.map(({ label }) => label)).toEqual(expected[at]!.map(({ label }) => label));
      answer.forEach(({ probability }, rank) =>
        expect(Math.abs(probability! - expected[at]![rank]!.probability!)).toBeLessThan(1e-3),
      );
    });
    expect(found.best).toBe(found.answers[0]![0]!.label);
    expect(found.stopped).toBe('AbortError');
  }),
);

const mnist = process.env['LINEAGE_DATA'] && join(process.env['LINEAGE_DATA'], 'mnist');

if (mnist) {
  testInChromium('MNIST comes as dropped IDX files, gzipped as they are published', (browser) =>
    onPage(browser, async (page, address) => {
      const names = ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1'].map(
        (name) => `${name}-ubyte.gz`,
      );
      mkdirSync(join(site, 'mnist'));
      for (const name of names) copyFileSync(join(mnist, name), join(site, 'mnist', name));
      const cut = readFileSync(join(mnist, names[2]!)).subarray(0, 100_000);
      writeFileSync(join(site, 'mnist', 'cut.gz'), cut);
      const found = await page.evaluate(
        async ({ address, names }) => {
          await lib.useBackend('wasm');
          const file = async (name: string, as = name) =>
            new File([await (await fetch(`${address}/mnist/${name}`)).blob()], as);
          const files = await Promise.all(names.map((name) => file(name)));
          const { train, test } = await lib.openIdxFiles(files);
          const { model, recipe } = await lib.loadPretrained('lenet5', lib.zoo);
          const { mistakes } = await lib.evaluate({ model, recipe, data: test });
          const refused = (given: File[]) =>
            lib.openIdxFiles(given).then(
              () => 'nothing',
              (error: Error) => error.message,
            );
          return {
            images: [train.labels.length, test.labels.length],
            classes: test.classes,
            mistakes,
            missing: await refused(files.slice(0, 3)),
            cut: await refused([
              ...files.filter((one) => one.name !== names[2]),
              await file('cut.gz', names[2]),
            ]),
          };
        },
        { address, names },
      );
      const { model, recipe } = await loadPretrained('lenet5');
      const loader = openLoader();
      const { test } = await openData('mnist', { root: process.env['LINEAGE_DATA']! });
      const { mistakes } = await evaluate({ model, recipe, data: test, loader });
      await loader.close();
      expect(found.images).toEqual([60_000, 10_000]);
      expect(found.classes).toEqual([...'0123456789']);
      expect(found.mistakes).toBe(mistakes);
      expect(found.missing).toMatch(
        /^the given files: expected t10k-labels-idx1-ubyte \(or that with \.gz\)/,
      );
      expect(found.cut).toMatch(/^t10k-images-idx3-ubyte\.gz: expected /);
    }),
  );
}
