import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo, type NetworkName } from '../../models/registry';
import { datasetInMemory } from '../../src/data/dataset';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { useBackend } from '../../src/runtime/backend';
import { train } from '../../index';
import { testInChromium } from '../support/pages/chromium';
import { buildSite, onPage } from '../support/pages/page';
import type { Dataset, KeptTraining } from '../../browser';
import * as allLayers from '../../layers';
import type { tf } from '../../src/core/tf';

let site: string;

beforeAll(async () => {
  site = await buildSite();
  await useBackend();
});

async function lossesInNode(name: NetworkName, data: Dataset, changes: object): Promise<number[]> {
  const { build, recipe } = zoo[name];
  const input = recipe.input.shape;
  const model = build({ classes: data.classes.length, seed: 1, input });
  const losses: number[] = [];
  for await (const { loss } of train({ model, recipe: { ...recipe, ...changes }, data, seed: 1 }))
    losses.push(loss);
  model.dispose();
  return losses;
}

/** Fails unless each loss is within a thousandth of Node's. */
function expectAlike(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  const apart = expected.map((loss, at) => Math.abs(found[at]! - loss) / Math.abs(loss));
  expect(Math.max(...apart)).toBeLessThan(1e-3);
}

for (const { backend, digits } of [
  { backend: 'wasm', digits: 3200 },
  { backend: 'webgl', digits: 640 },
] as const) {
  testInChromium(
    `LeNet-5 learns two epochs of built-in digits as in Node on ${backend}`,
    (browser) =>
      onPage(browser, async (page) => {
        const found = await page.evaluate(
          async ({ backend, digits }) => {
            await lib.useBackend(backend);
            const { train: data, test } = lib.drawDigits({ seed: 1, train: digits, test: 100 });
            const recipe = { ...lib.lenet5.recipe, epochs: 2 };
            const model = lib.lenet5.build({ classes: 10, seed: 1 });
            const losses: number[] = [];
            for await (const { loss } of lib.train({ model, recipe, data, seed: 1 })) losses.push(loss);
            let told = 0;
            const onProgress = (done: number) => (told = done);
            const { error } = await lib.evaluate({ model, recipe, data: test, onProgress });
            return { losses, error, told };
          },
          { backend, digits },
        );
        const { train: data } = drawDigits({ seed: 1, train: digits, test: 100 });
        const expected = await lossesInNode('lenet5', data, { epochs: 2 });
        expect(found.losses).toHaveLength(digits / 16);
        expectAlike(found.losses.slice(0, 20), expected.slice(0, 20));
        expect(found.losses.at(-1)!).toBeLessThan(found.losses[0]! * (digits > 1000 ? 0.5 : 0.9));
        if (digits > 1000) expect(found.error).toBeLessThan(0.6); // guessing errs in 90 %
        expect(found.told).toBe(100);
      }),
    300_000,
  );
}

/** Images of noise, which tell apart what updates compute as well as any others. */
const noise = { images: 6, shape: [28, 28, 1] as const };
const noisePixels = () =>
  Uint8Array.from({ length: noise.images * 28 * 28 }, (_, at) => (at * 2654435761) >>> 24);

for (const backend of ['wasm', 'webgl'] as const) {
  testInChromium(
    `networks with dropout and overlapping pools learn as in Node on ${backend}`,
    (browser) =>
      onPage(browser, async (page) => {
        const changes = { batchSize: 3, epochs: 1, augment: [] };
        for (const name of ['nin-mnist', 'lenet-caffe'] as const) {
          const size = noise.shape;
          const found = await page.evaluate(
            async ({ backend, name, changes, images, size, pixels }) => {
              await lib.useBackend(backend);
              const { build, recipe } = lib.zoo[name];
              const data = lib.datasetInMemory({
                name: 'noise',
                synthetic: true,
                classes: ['even', 'odd'],
                labels: Int32Array.from({ length: images }, (_, at) => at % 2),
                shape: size,
                pixels: Uint8Array.from(pixels),
              });
              const model = build({ classes: 2, seed: 1, input: size });
              const own = { ...recipe, ...changes, input: { ...recipe.input, shape: size } };
              const losses: number[] = [];
              for await (const { loss } of lib.train({ model, recipe: own, data, seed: 1 }))
                losses.push(loss);
              return losses;
            },
            {
              ...{ backend, name, changes, images: noise.images, size },
              pixels: [...noisePixels()],
            },
          );
          const data = datasetInMemory({
            name: 'noise',
            synthetic: true,
            classes: ['even', 'odd'],
            labels: Int32Array.from({ length: noise.images }, (_, at) => at % 2),
            shape: size,
            pixels: noisePixels(),
          });
          expectAlike(found, await lossesInNode(name, data, changes));
        }
      }),
    300_000,
  );
}

/** The layers that TensorFlow.js lacks, above each other, and the gradients of their weights and of the input. */
function layerGradients(layers: typeof allLayers): Promise<number[][]> {
  const { tf, GroupedConv2D, Lrn, CeilPool, SeededDropout, SubsetConv2D, Subsample, prepareDropout } = layers;
  const through = (below: tf.SymbolicTensor, layer: tf.layers.Layer) =>
    layer.apply(below) as tf.SymbolicTensor;
  const image = tf.input({ shape: [9, 9, 4] });
  const grouped = through(
    image,
    new GroupedConv2D({ filters: 6, kernelSize: 3, groups: 2, activation: 'relu' }),
  );
  const normalised = through(grouped, new Lrn({ size: 5, k: 1, alpha: 0.1, beta: 0.75 }));
  const pooled = through(normalised, new CeilPool({ kind: 'max', size: 3, stride: 2 })); // windows end outside
  const table = [
    [0, 1, 2],
    [1, 2, 3, 5],
    [0, 4],
    [3, 4, 5],
  ];
  const mapped = through(pooled, new SubsetConv2D({ kernelSize: 2, table }));
  const dropped = through(mapped, new SeededDropout({ name: 'drop', rate: 0.3 }));
  const averaged = through(dropped, new CeilPool({ kind: 'average', size: 2, stride: 2 }));
  const output = through(averaged, new Subsample({ size: 2 }));
  const model = tf.model({ inputs: image, outputs: output });
  const numbers = (size: number, from: number) =>
    Float32Array.from({ length: size }, (_, at) => (((at + from) * 7919) % 2003) / 2003 - 0.4);
  model.setWeights(
    model.getWeights().map(({ shape, size }, index) => tf.tensor(numbers(size, 100 * index), shape)),
  );
  prepareDropout(model, 5, 2);
  const weights = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const shown = tf.tensor4d(numbers(2 * 9 * 9 * 4, 31), [2, 9, 9, 4]);
  const loss = (x: tf.Tensor) => (model.apply(x, { training: true }) as tf.Tensor).square().sum();
  const { grads } = tf.variableGrads(() => loss(shown) as tf.Scalar, weights);
  const ofInput = tf.grad(loss)(shown);
  return Promise.all(
    [...weights.map(({ name }) => grads[name]!), ofInput].map(async (tensor) => [...(await tensor.data())]),
  );
}

for (const backend of ['wasm', 'webgl', 'webgpu'] as const) {
  testInChromium(
    `the gradients of the layers that TensorFlow.js lacks are native TensorFlow's on ${backend}`,
    (browser) =>
      onPage(browser, async (page) => {
        await page.evaluate((name) => lib.useBackend(name), backend);
        const found = await page.evaluate<number[][]>(`(${layerGradients.toString()})(lib)`);
        await useBackend();
        const expected = await layerGradients(allLayers);
        expect(found).toHaveLength(expected.length);
        expected.forEach((values, index) => {
          const largest = Math.max(...values.map(Math.abs));
          expect(largest).toBeGreaterThan(1e-3);
          const apart = values.map((value, at) => Math.abs(value - found[index]![at]!));
          expect(Math.max(...apart) / largest).toBeLessThan(1e-4);
        });
      }),
    300_000,
  );
}

testInChromium(
  'a lost WebGL context ends a training in one line, and what was kept goes on as if nothing had happened',
  (browser) =>
    onPage(browser, async (page) => {
      const found = await page.evaluate(async () => {
        await lib.useBackend('webgl');
        const { train: data } = lib.drawDigits({ seed: 1, train: 64, test: 10 });
        const recipe = { ...lib.lenet5.recipe, epochs: 3 };
        const fresh = () => lib.lenet5.build({ classes: 10, seed: 1 });
        const whole: number[] = [];
        for await (const { loss } of lib.train({ model: fresh(), recipe, data, seed: 1 })) whole.push(loss);
        const parted: number[] = [];
        let kept: KeptTraining | null = null;
        let message = '';
        try {
          for await (const { step, loss } of lib.train({ model: fresh(), recipe, data, seed: 1 })) {
            parted.push(loss);
            if (step !== 3) continue;
            const { gpgpu } = lib.tf.backend() as unknown as { gpgpu: { gl: WebGL2RenderingContext } };
            gpgpu.gl.getExtension('WEBGL_lose_context')!.loseContext();
          }
        } catch (error) {
          if (!(error instanceof lib.DeviceLost)) throw error;
          ({ kept, message } = error);
        }
        const lost = parted.length;
        const { backend } = await lib.useBackend();
        await lib.useBackend('webgl');
        const again: number[] = [];
        for await (const { loss } of lib.train({ model: fresh(), recipe, data, seed: 1, resume: kept }))
          again.push(loss);
        return { whole, parted, lost, message, done: kept!.done, backend, again };
      });
      expect(found.whole).toHaveLength(6);
      expect(found.lost).toBe(3);
      expect(found.message).toBe(
        'training: expected the graphics card until the end, found that the browser took it away (webgl); the weights after update 2 are kept (resume: error.kept goes on with them); useBackend() starts it afresh',
      );
      expect(found.done).toBe(2); // an epoch has two updates, and each epoch is kept
      expect(found.backend).toBe('wasm');
      expectAlike([...found.parted.slice(0, 2), ...found.again], found.whole);
    }),
  300_000,
);

testInChromium(
  'a training and an evaluation end when they are told to, and keep what was learned',
  (browser) =>
    onPage(browser, async (page) => {
      const found = await page.evaluate(async () => {
        await lib.useBackend('wasm');
        const { train: data, test } = lib.drawDigits({ seed: 1, train: 160, test: 200 });
        const model = lib.lenet5.build({ classes: 10, seed: 1 });
        const { recipe } = lib.lenet5;
        const sum = async () => (await model.getWeights()[0]!.sum().data())[0]!;
        const [before, controller] = [await sum(), new AbortController()];
        let updates = 0;
        const ended = async (work: () => Promise<unknown>) => {
          try {
            await work();
            return 'nothing';
          } catch (error) {
            return (error as Error).name;
          }
        };
        const training = await ended(async () => {
          for await (const { step } of lib.train({
            model,
            recipe,
            data,
            seed: 1,
            signal: controller.signal,
          })) {
            updates = step;
            if (step === 3) controller.abort();
          }
        });
        const other = new AbortController();
        const evaluation = await ended(() =>
          lib.evaluate({
            model,
            recipe,
            data: test,
            batchSize: 10,
            signal: other.signal,
            onProgress: (done) => done === 50 && other.abort(),
          }),
        );
        return { training, evaluation, updates, changed: (await sum()) !== before };
      });
      expect(found).toEqual({ training: 'AbortError', evaluation: 'AbortError', updates: 3, changed: true });
    }),
);

interface WorkerAnswer {
  readonly losses: readonly number[];
  readonly best: string;
  readonly label: string;
}

testInChromium('all of it works in a worker, on every backend but those of a screen', (browser) =>
  onPage(browser, async (page, address) => {
    writeFileSync(
      join(site, 'worker.js'),
      `import * as lib from './lineage.js';
const { backend, passedOver } = await lib.useBackend();
const { train: data, test } = lib.drawDigits({ seed: 1, train: 64, test: 20 });
const model = lib.lenet5.build({ classes: 10, seed: 1 });
const losses = [];
for await (const { loss } of lib.train({ model, recipe: { ...lib.lenet5.recipe, epochs: 1 }, data, seed: 1 })) losses.push(loss);
const trained = await lib.loadPretrained('lenet5', lib);
const pixels = await test.pixels(Int32Array.of(0));
const colours = Uint8ClampedArray.from({ length: 28 * 28 * 4 }, (_, at) => (at % 4 === 3 ? 255 : pixels[at >> 2]));
const [best] = await trained.classify(await createImageBitmap(new ImageData(colours, 28, 28)));
const webgl = await lib.useBackend('webgl');
postMessage({ backend, better: passedOver.map(({ backend }) => backend), losses, best: best.label, label: test.classes[test.labels[0]], webgl: webgl.backend });`,
    );
    const found = await page.evaluate(
      (url) =>
        new Promise<WorkerAnswer>((resolve, reject) => {
          const worker = new Worker(url, { type: 'module' });
          worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
        }),
      `${address}/worker.js`,
    );
    expect(found).toMatchObject({ backend: 'wasm', better: ['webgpu', 'webgl'], webgl: 'webgl' });
    expect(found.best).toBe(found.label);
    const { train: data } = drawDigits({ seed: 1, train: 64, test: 20 });
    expectAlike(found.losses, await lossesInNode('lenet5', data, { epochs: 1 }));
  }),
);
