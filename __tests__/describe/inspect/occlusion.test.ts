/** Occlusion beside direct passes of images that are covered by plain loops, and images as a network sees them. */
import { zoo, type NetworkName } from '../../../models/registry';
import { UserError } from '../../../src/core/errors';
import type { Preprocess, Recipe } from '../../../src/core/network';
import { tf } from '../../../src/core/tf';
import { datasetInMemory } from '../../../src/data/dataset';
import { batchesInOrder } from '../../../src/data/loader/batches';
import { preprocess } from '../../../src/data/preprocess/preprocess';
import { lossByPixel, occlusion, occluderOf } from '../../../src/describe/inspect/occlusion';
import { shownImages } from '../../../src/describe/inspect/shown-image';
import { useBackend } from '../../../src/runtime/backend';
import { fillWeights, randomTensor } from '../../support/fixtures';

beforeAll(async () => {
  await useBackend();
});

/** Pixels that look like noise, `[images, height, width, channels]`. */
function noise(length: number): Uint8Array {
  const pixels = new Uint8Array(length);
  for (let at = 0; at < length; at++) pixels[at] = (Math.imul(at + 1, 2654435761) >>> 8) & 255;
  return pixels;
}

function small(steps: readonly Preprocess[], shape: readonly [number, number, number], loss: Recipe['loss']) {
  const image = tf.input({ shape: [...shape], name: 'image' });
  const maps = tf.layers.conv2d({ name: 'maps', filters: 4, kernelSize: 3, activation: 'relu' }).apply(image);
  const flat = tf.layers.flatten({ name: 'flat' }).apply(maps);
  const scores = tf.layers.dense({ name: 'scores', units: 3 }).apply(flat) as tf.SymbolicTensor;
  const model = tf.model({ inputs: image, outputs: scores });
  fillWeights(model, 1);
  return { model, fitted: {}, recipe: { input: { shape, preprocess: steps }, augment: [], loss } };
}

test.each([
  ['softmaxCrossEntropy', [{ kind: 'subtract', mean: [123, 117, 104] }], { size: 4, stride: 3, fill: 90 }],
  [
    'softmaxCrossEntropy',
    // Whose numbers depend on the whole covered image.
    [{ kind: 'contrastNormalise', scale: 55 }],
    { size: 5, stride: 5, fill: 12.5 },
  ],
  ['squaredError', [{ kind: 'range', black: -1, white: 1 }], {}],
] as const)(
  'occlusion with %s is what a covered image scores, place by place',
  async (kind, steps, occluder) => {
    const shape = [13, 11, 3] as const;
    const loss: Recipe['loss'] = kind === 'squaredError' ? { kind, on: 1, off: -1 } : { kind };
    const trained = small(steps, shape, loss);
    const pixels = noise(13 * 11 * 3);
    const { values: input } = preprocess(pixels, 1, shape, steps);
    const wanted = 2;
    await occlusion(trained, { pixels, input }, wanted, occluder);
    const before = tf.memory().numTensors;
    const progress: [number, number][] = [];
    const found = await occlusion(trained, { pixels, input }, wanted, {
      ...occluder,
      onProgress: (done, all) => void progress.push([done, all]),
    });
    expect(tf.memory().numTensors).toBe(before);
    const direct = (image: ArrayLike<number>) => {
      const covered = image instanceof Uint8Array ? image : Float32Array.from(image);
      const prepared = preprocess(covered, 1, shape, steps).values;
      const scores = trained.model.predict(tf.tensor(prepared, [1, ...shape])) as tf.Tensor;
      return (kind === 'squaredError' ? scores : scores.softmax()).dataSync()[wanted]!;
    };
    expect(found.whole).toBeCloseTo(direct(pixels), 5);
    const { size, stride, fill, tops, lefts } = found;
    // A default of 11 / 6 is 2 pixels, moved by 1.
    if (Object.keys(occluder).length === 0) expect([size, stride, fill]).toEqual([2, 1, 128]);
    expect([tops.at(-1)! + size, lefts.at(-1)! + size]).toEqual([13, 11]);
    expect(found.values.length).toBe(tops.length * lefts.length);
    expect(progress.at(-1)).toEqual([found.values.length, found.values.length]);
    const scored: number[] = [];
    for (const top of tops)
      for (const left of lefts) {
        const image = [...pixels];
        for (let y = 0; y < 13; y++)
          for (let x = 0; x < 11; x++)
            for (let channel = 0; channel < 3; channel++)
              if (y >= top && y < top + size && x >= left && x < left + size)
                image[(y * 11 + x) * 3 + channel] = fill;
        scored.push(direct(image));
      }
    scored.forEach((score, place) => expect(found.values[place]).toBeCloseTo(score, 4));
    expect(new Set(scored.map((score) => score.toFixed(6))).size).toBeGreaterThan(3);
    // Pixel by pixel: the mean of what is lost, over the places that cover it.
    const lost = lossByPixel(found, 13, 11);
    for (let y = 0; y < 13; y++)
      for (let x = 0; x < 11; x++) {
        const covering = tops.flatMap((top, row) =>
          lefts.flatMap((left, column) =>
            y >= top && y < top + size && x >= left && x < left + size
              ? [found.whole - found.values[row * lefts.length + column]!]
              : [],
          ),
        );
        expect(covering.length).toBeGreaterThan(0);
        const mean = covering.reduce((sum, value) => sum + value, 0) / covering.length;
        expect(lost[y * 11 + x]).toBeCloseTo(mean, 5);
      }
    trained.model.dispose();
  },
);

test('of distances, the negative one counts', async () => {
  const { build, recipe } = zoo.lenet5;
  const model = build({ classes: 10, seed: 1 });
  fillWeights(model);
  const pixels = noise(32 * 32);
  const input = preprocess(pixels, 1, [32, 32, 1], [{ kind: 'range', black: -0.1, white: 1.175 }]).values;
  const found = await occlusion({ model, recipe, fitted: {} }, { pixels, input }, 3, {
    size: 16,
    stride: 16,
  });
  const scores = model.predict(tf.tensor(input, [1, 32, 32, 1])) as tf.Tensor;
  expect([found.of, found.fill, found.tops, found.lefts]).toEqual(['score', 0, [0, 16], [0, 16]]);
  expect(found.whole).toBeCloseTo(-scores.dataSync()[3]!, 3);
  expect(found.whole).toBeLessThan(0);
  model.dispose();
});

test('an occluder that covers nothing, everything, or leaves gaps is refused', () => {
  const of = (given: Parameters<typeof occluderOf>[0]) => () => occluderOf(given, [28, 28, 1]);
  expect(of({ size: 0 })).toThrow('occluder: expected a whole number of at least 1, found 0');
  expect(of({ size: 28 })).toThrow('occluder: expected a whole number from 1 to 27, found 28');
  expect(of({ size: 4, stride: 5 })).toThrow('stride: expected a whole number from 1 to 4, found 5');
  expect(of({ fill: 256 })).toThrow('fill: expected a grey from 0 to 255, found 256');
  expect(of({ fill: NaN })).toThrow(UserError);
  expect(of({})()).toEqual({ size: 5, stride: 1, fill: 0 });
  expect(occluderOf({}, [224, 224, 3])).toEqual({ size: 37, stride: 19, fill: 128 });
});

test.each(['lenet5', 'lenet1', 'lecun1989', 'googlenet', 'nin-mnist'] as const)(
  'an image is prepared for %s in two steps to the same numbers as in one',
  async (name: NetworkName) => {
    const { recipe } = zoo[name];
    const channels = recipe.input.shape[2];
    const side = { googlenet: 300, lecun1989: 16 }[name as string] ?? 28;
    const data = datasetInMemory({
      ...{ name: 'noise', synthetic: true, classes: ['?'], labels: Int32Array.of(0, 0) },
      ...{ shape: [side, side, channels], pixels: noise(2 * side * side * channels) },
    });
    const expected: Float32Array[] = [];
    for await (const { images } of batchesInOrder(data, recipe, 1)) expected.push(images.slice());
    let at = 0;
    for await (const { input, pixels } of shownImages({ recipe, fitted: {} }, data)) {
      expect(pixels.length).toBe(input.length);
      expect(Math.max(...pixels.slice(0, 500))).toBeGreaterThan(1);
      const wrong = input.filter((value, place) => !(Math.abs(value - expected[at]![place]!) < 1e-6));
      expect(wrong.length).toBe(0);
      at++;
    }
    expect(at).toBe(2);
  },
);

test('a whitened picture is covered before it is whitened', async () => {
  const shape = [4, 4, 1] as const;
  const values = 16;
  const mean = randomTensor([values], 3).dataSync<'float32'>();
  const matrix = randomTensor([values, values], 4).dataSync<'float32'>();
  const trained = {
    ...small([{ kind: 'whiten', epsilon: 0.1 } as unknown as Preprocess], shape, {
      kind: 'softmaxCrossEntropy',
    }),
    fitted: { whitening: { mean, matrix } },
  };
  const pixels = noise(values);
  const whitened = (image: ArrayLike<number>) =>
    Float32Array.from({ length: values }, (_, to) =>
      Array.from(image).reduce(
        (sum, pixel, from) => sum + (pixel - mean[from]!) * matrix[from * values + to]!,
        0,
      ),
    );
  const found = await occlusion(trained, { pixels, input: whitened(pixels) }, 1, {
    size: 2,
    stride: 2,
    fill: 7,
  });
  const covered = [...pixels];
  for (const place of [2, 3, 6, 7]) covered[place] = 7;
  const scores = trained.model.predict(tf.tensor(whitened(covered), [1, ...shape])) as tf.Tensor;
  expect(found.values[1]).toBeCloseTo(scores.softmax().dataSync()[1]!, 4);
  trained.model.dispose();
});
