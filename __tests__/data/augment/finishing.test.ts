/** Images that are left as bytes and finished on a backend, beside the same images prepared by the loader. */
import { zoo } from '../../../models/registry';
import type { Network, Recipe } from '../../../src/core/network';
import { elementCount, storedSize } from '../../../src/core/shape';
import { seededRandom } from '../../../src/core/random';
import { tf } from '../../../src/core/tf';
import { datasetInMemory, type Dataset } from '../../../src/data/dataset';
import { batchesInOrder, trainingBatches, type AnyBatch, type Batch } from '../../../src/data/loader/batches';
import type { FittedPreprocess } from '../../../src/data/preprocess/preprocess';
import { compiledForward } from '../../../src/evaluate/scores/forward';
import { imageTensor, someImages } from '../../../src/evaluate/scores/batch-images';
import { useBackend } from '../../../src/runtime/backend';

const backends = ['tensorflow', 'wasm', 'cpu'] as const;

/** Grey or coloured noise of the size that a recipe crops from, with an image of one value. */
function noise(recipe: Pick<Recipe, 'input' | 'augment'>, count: number): Dataset {
  const { augment } = recipe;
  const input: Recipe['input'] = recipe.input;
  const random = seededRandom(7);
  const cropped = augment.flatMap((step) => {
    if (step.kind === 'randomCrop') return [step.shortSide];
    if (step.kind === 'scaleJitter') return [step.most];
    return step.kind === 'areaCrop' ? [step.size + 9] : [];
  });
  const [side] = cropped;
  const size = input.stored ? { height: input.stored[0], width: input.stored[1] } : storedSize(input);
  const shape = [side ?? size.height, side ?? size.width, input.shape[2]] as const;
  const pixels = Uint8Array.from({ length: count * elementCount(shape) }, () => random.integer(256));
  pixels.fill(77, 0, elementCount(shape));
  const labels = Int32Array.from({ length: count }, (_, index) => index % 2);
  return datasetInMemory({ name: 'noise', synthetic: true, classes: ['a', 'b'], shape, labels, pixels });
}

/** Values of the right sizes in place of what a recipe computes from its training set. */
function fittedFor({ input }: Pick<Recipe, 'input'>): FittedPreprocess {
  const random = seededRandom(8);
  const size = elementCount(input.shape);
  const values = (length: number, scale: number) =>
    Float32Array.from({ length }, () => random.uniform(0, scale));
  const has = (kind: string) => input.preprocess.some((step) => step.kind === kind);
  return {
    ...(has('subtractMean') && { mean: values(size, 255) }),
    ...(has('whiten') && { whitening: { mean: values(size, 1), matrix: values(size * size, 0.02) } }),
  };
}

/** Every way in which networks of the zoo prepare images, by the first network that does. */
const ways = new Map<string, { readonly name: string; readonly network: Network }>();
for (const [name, network] of Object.entries<Network>(zoo)) {
  const { input, augment } = network.recipe;
  const key = JSON.stringify([input.shape, input.stored, input.preprocess, augment]);
  if (!ways.has(key)) ways.set(key, { name, network });
}

/** The principal colours that a training would compute. */
function withColours({ augment, ...others }: Recipe): Recipe {
  const colours = { eigenvalues: [0.2, 0.02, 0.004], eigenvectors: [[1, 0, 0], [0, 0.6, 0.8], [0, -0.8, 0.6]] } as const; // prettier-ignore
  return {
    ...others,
    augment: augment.map((step) => (step.kind === 'pcaLighting' ? { ...step, colours } : step)),
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** What a recorded graph makes of the images: that of a network which answers with what it is shown. */
async function inGraph(batch: AnyBatch): Promise<Float32Array> {
  const shape = 'images' in batch ? batch.shape : batch.finishing.shape;
  const input = tf.input({ shape: [...shape] });
  const shown = tf.layers.flatten().apply(input) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: shown });
  const forward = compiledForward(model);
  try {
    return await forward.run(batch);
  } finally {
    forward.dispose();
    model.dispose();
  }
}

async function first<B extends AnyBatch>(batches: AsyncGenerator<B, void>): Promise<B> {
  for await (const batch of batches) return batch;
  throw new Error('expected a batch, found none');
}

function expectSame(found: Float32Array, { images }: Batch): void {
  expect(found.length).toBe(images.length);
  let [most, scale] = [0, 0];
  images.forEach((value, at) => {
    const apart = Math.abs(value - found[at]!);
    if (!(apart <= most)) most = apart;
    scale = Math.max(scale, Math.abs(value));
  });
  expect(scale).toBeGreaterThan(0);
  expect(most / scale).toBeLessThan(2e-6);
}

/** Those whose images are moved once they are whitened. */
const early = ['nin-cifar10'];

describe.each(backends)('%s', (backend) => {
  beforeAll(async () => void (await useBackend(backend)));

  it.each([...ways.values()].map(({ name, network }) => [name, network] as const))(
    'finishes the images of %s as they are prepared without a backend',
    async (name, { recipe: published }) => {
      const recipe = { ...withColours(published), batchSize: 3, epochs: 1 };
      const data = noise(recipe, 3);
      const fitted = fittedFor(recipe);
      const shown = { data, recipe, fitted, seed: 3, done: 0 };
      const before = tf.memory().numTensors;
      const learned = await first(trainingBatches({ ...shown, bytes: true }));
      expect('bytes' in learned).toBe(!early.includes(name));
      const seen = await first(batchesInOrder(data, recipe, 3, { fitted, bytes: true }));
      expect('bytes' in seen).toBe(true);
      for (const [batch, prepared] of [
        [learned, await first(trainingBatches(shown))],
        [seen, await first(batchesInOrder(data, recipe, 3, { fitted }))],
      ] as const) {
        expect(batch.labels).toEqual(prepared.labels);
        const whole = imageTensor(batch);
        expectSame(await whole.data<'float32'>(), prepared);
        const part = imageTensor(someImages(batch, 1, 3));
        const rest = (await whole.data<'float32'>()).slice(whole.size / 3);
        expect(bytesOf(await part.data<'float32'>()).equals(bytesOf(rest))).toBe(true);
        tf.dispose([whole, part]);
        if (backend === 'tensorflow') expectSame(await inGraph(batch), prepared);
      }
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});

test('colours that are changed before other distortions are not left to the backend', async () => {
  const { recipe: published } = zoo['googlenet'];
  const given = {
    ...published,
    batchSize: 2,
    epochs: 1,
    augment: [
      { kind: 'photometric', strength: 0.4 },
      { kind: 'translate', shift: 2 },
    ],
  } as const satisfies Recipe;
  const data = noise(given, 2);
  const batch = await first(trainingBatches({ data, recipe: given, seed: 1, done: 0, bytes: true }));
  expect('images' in batch).toBe(true);
});

test('what was asked for twice is one finishing, by which graphs are kept', async () => {
  const { recipe } = zoo['nin-cifar10-caffe'];
  const fitted = fittedFor(recipe);
  const data = noise(recipe, 2);
  const finishingBy = async (given: FittedPreprocess) => {
    const batch = await first(batchesInOrder(data, { ...recipe }, 2, { fitted: given, bytes: true }));
    return 'bytes' in batch ? batch.finishing : null;
  };
  const one = await finishingBy(fitted);
  expect(one).not.toBeNull();
  expect(await finishingBy(fitted)).toBe(one);
  expect(await finishingBy({ ...fitted })).not.toBe(one);
});
