import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { datasetInMemory, type Dataset } from '../../../src/data/dataset';
import { fitRecipe, needsFitting } from '../../../src/data/preprocess/fit';
import { preprocess } from '../../../src/data/preprocess/preprocess';
import { principalColours } from '../../../src/data/preprocess/principal-colours';
import { fitWhitening, whitener } from '../../../src/data/preprocess/whitening';
import { UserError } from '../../../src/core/errors';
import type { ImageShape, Preprocess } from '../../../src/core/network';
import { seededRandom } from '../../../src/core/random';
import { useBackend } from '../../../src/runtime/backend';
import { tf } from '../../../src/core/tf';
import { loadFitted, saveFitted } from '../../../src/weights/fitted-file';
import { onEveryBackend, temporaryFolder } from '../../support/fixtures';

const folder = temporaryFolder();

function datasetOf(pixels: Uint8Array, shape: ImageShape): Dataset {
  const images = pixels.length / (shape[0] * shape[1] * shape[2]);
  const labels = new Int32Array(images);
  return datasetInMemory({ name: 'made up', synthetic: true, classes: ['all'], labels, shape, pixels });
}

/** Ten images of 1×2×3; the comments of the expected numbers repeat the formula. */
const tenImages = Uint8Array.from({ length: 60 }, (_, at) => {
  const [i, j] = [Math.floor(at / 6), at % 6];
  return 7 * i * i + 31 * j + 13 * i * j * j;
});
const ten = datasetOf(tenImages, [1, 2, 3]);
/** Images whose values depend on each other through a random mixture. */
function mixedPixels(images: number, size: number): Uint8Array {
  const random = seededRandom(3);
  const mixture = Array.from({ length: size * size }, () => random.uniform(-0.5, 0.5));
  const pixels = new Uint8Array(images * size);
  for (let start = 0; start < pixels.length; start += size) {
    const causes = Array.from({ length: size }, () => random.uniform(-35, 35));
    for (let at = 0; at < size; at++) {
      pixels[start + at] = causes.reduce((sum, cause, k) => sum + cause * mixture[at * size + k]!, 128);
    }
  }
  return pixels;
}

/** Of rows of `size` values, divided by their number. */
function covarianceOf(values: ArrayLike<number>, size: number): readonly (readonly number[])[] {
  const rows = values.length / size;
  const columns = Array.from({ length: size }, (_, at) => {
    const own = Array.from({ length: rows }, (__, row) => values[row * size + at]!);
    const mean = own.reduce((sum, value) => sum + value) / rows;
    return own.map((value) => value - mean);
  });
  return columns.map((one) =>
    columns.map((other) => one.reduce((sum, value, at) => sum + value * other[at]!, 0) / rows),
  );
}

const contrast: Preprocess = { kind: 'contrastNormalise', scale: 55 };
const whiten = { kind: 'whiten', bias: 0.1 } as const;

describe('global contrast normalisation', () => {
  it('takes the mean off each image and brings it to the norm of the scale', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 12, maxLength: 12 }), (image) => {
        const { values } = preprocess(Uint8Array.from(image), 1, [2, 2, 3], [contrast]);
        const even = image.every((pixel) => pixel === image[0]);
        expect(values.reduce((sum, value) => sum + value)).toBeCloseTo(0, 3);
        expect(Math.hypot(...values)).toBeCloseTo(even ? 0 : 55, 3);
      }),
    );
  });

  it('is pylearn2’s', () => {
    const { values } = preprocess(tenImages, 10, [1, 2, 3], [contrast]);
    const expected = [-32.868786756695826, -19.721272054017494, -6.5737573513391645];
    expected.forEach((value, at) => expect(values[at]).toBeCloseTo(value, 4));
  });
});

describe('ZCA whitening', () => {
  // In numpy, z[i, j] = (7 i² + 31 j + 13 i j²) mod 256 for 10 images of 6 values, float64:
  //   g = z - z.mean(1, keepdims=True); g *= 55 / sqrt((g**2).sum(1, keepdims=True))
  //   m = g.mean(0); w, v = eigh((g-m).T @ (g-m) / 10 + 0.1 * eye(6)); P = (v / sqrt(w)) @ v.T
  const mean = [-5.333161, -2.529605, 1.117578, 12.911251, -9.099662, 2.9336];
  const matrix = [
    [0.56540581, 0.51617632, 0.51541692, 0.52795181, 0.50775403, 0.52957275],
    [0.51617632, 0.56414493, 0.52184229, 0.50603595, 0.53055196, 0.5235262],
    [0.51541692, 0.52184229, 0.56116513, 0.52440728, 0.51880054, 0.5206455],
    [0.52795181, 0.50603595, 0.52440728, 0.58043878, 0.51255214, 0.5108917],
    [0.50775403, 0.53055196, 0.51880054, 0.51255214, 0.5904111, 0.50220793],
    [0.52957275, 0.5235262, 0.5206455, 0.5108917, 0.50220793, 0.57543355],
  ].flat();
  const firstWhitened = [-1.26606413, -0.16963518, -0.26526642, -0.88313354, 1.70892453, 0.87517474];
  const lastWhitened = [-0.22199525, 1.1887611, -0.16741458, 0.4459028, -0.80258286, -0.44267122];

  it('is numpy’s on every backend, and leaves no tensor behind', async () => {
    await onEveryBackend(async () => {
      const before = tf.memory().numTensors;
      const whitening = await fitWhitening(ten, [contrast], whiten);
      mean.forEach((value, at) => expect(whitening.mean[at]).toBeCloseTo(value, 4));
      // Eigenvalues reach from 0.1 to 1,700, so that single precision knows the least to about a thousandth.
      matrix.forEach((value, at) => expect(Math.abs(whitening.matrix[at]! - value)).toBeLessThan(1e-3));
      const { values } = preprocess(tenImages, 10, [1, 2, 3], [contrast]);
      const { apply, dispose } = whitener(whitening);
      const whitened = await apply(values, 10);
      firstWhitened.forEach((value, at) => expect(Math.abs(whitened[at]! - value)).toBeLessThan(5e-3));
      lastWhitened.forEach((value, at) => expect(Math.abs(whitened[54 + at]! - value)).toBeLessThan(5e-3));
      dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  it('makes of the covariance C, times C + bias, C again: the identity but for the bias', async () => {
    await useBackend();
    const [images, size] = [400, 12];
    const pixels = mixedPixels(images, size);
    for (const bias of [0.01, 300]) {
      const whitening = await fitWhitening(datasetOf(pixels, [2, 2, 3]), [], { kind: 'whiten', bias });
      const { apply, dispose } = whitener(whitening);
      const white = covarianceOf(await apply(Float32Array.from(pixels), images), size);
      dispose();
      const before = covarianceOf(pixels, size);
      const largest = Math.max(...before.flat());
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          if (bias < 1) expect(Math.abs(white[i]![j]! - (i === j ? 1 : 0))).toBeLessThan(0.01);
          const biased = before.map((row, k) => row[j]! + (k === j ? bias : 0));
          const product = biased.reduce((sum, value, k) => sum + white[i]![k]! * value, 0);
          expect(Math.abs(product - before[i]![j]!) / largest).toBeLessThan(2e-3);
        }
      }
    }
  });

  it('refuses images for which the matrix would be too large, and images of another size than the fitted', async () => {
    const photographs = datasetOf(new Uint8Array(64 * 64 * 3), [64, 64, 3]);
    await expect(fitWhitening(photographs, [], whiten)).rejects.toThrow(
      /at most 8192 values to whiten, found 12288/,
    );
    const { apply, dispose } = whitener(await fitWhitening(ten, [], whiten));
    await expect(apply(new Float32Array(10), 1)).rejects.toThrow(/images of 6 values to whiten.*found 10/);
    dispose();
  });
});

describe('principal colours', () => {
  it('are numpy’s', async () => {
    // pixel (y, x, k) = (37 y + 91 x + 53 k + 11 (yx mod 7)) mod 256 of 9×11, / 255; eigh(cov(…, bias=True))
    const pixels = Uint8Array.from({ length: 9 * 11 * 3 }, (_, at) => {
      const [y, x, k] = [Math.floor(at / 33), Math.floor(at / 3) % 11, at % 3];
      return 37 * y + 91 * x + 53 * k + ((y * x) % 7) * 11;
    });
    const { eigenvalues, eigenvectors } = await principalColours(datasetOf(pixels, [9, 11, 3]));
    [0.12478379798933786, 0.08569422412255219, 0.04554251357637253].forEach((value, at) =>
      expect(eigenvalues[at]).toBeCloseTo(value, 12),
    );
    const expected = [
      [0.6764711632191674, 0.29122085564261646, -0.6764445125593738],
      [-0.06566646915512298, 0.9386893581463255, 0.3384526609904827],
      [0.7335357388441315, -0.18453374255572197, 0.6541197273410829],
    ];
    expected.forEach((vector, component) =>
      vector.forEach((value, at) => expect(eigenvectors[component]![at]).toBeCloseTo(value, 10)),
    );
  });

  it('diagonalise the covariance of any images', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 12, maxLength: 12 }), async (drawn) => {
        const pixels = Uint8Array.from(drawn);
        const { eigenvalues, eigenvectors } = await principalColours(datasetOf(pixels, [2, 2, 3]));
        const centred = [0, 1, 2].map((channel) => {
          const own = [0, 1, 2, 3].map((at) => pixels[3 * at + channel]! / 255);
          const mean = own.reduce((sum, value) => sum + value) / 4;
          return own.map((value) => value - mean);
        });
        const covariance = (i: number, j: number) =>
          centred[i]!.reduce((sum, value, at) => sum + (value * centred[j]![at]!) / 4, 0);
        for (const i of [0, 1, 2]) {
          for (const j of [0, 1, 2]) {
            const again = eigenvalues.reduce(
              (sum, value, at) => sum + value * eigenvectors[at]![i as 0] * eigenvectors[at]![j as 0],
              0,
            );
            expect(again).toBeCloseTo(covariance(i, j), 10);
          }
        }
      }),
    );
  });

  it('are refused of grey images', async () => {
    await expect(principalColours(datasetOf(new Uint8Array(8), [2, 2, 1]))).rejects.toThrow(UserError);
  });
});

describe('fitting a recipe', () => {
  const shape = [1, 2, 3] as const;

  it('writes means of channels and colours into the recipe', async () => {
    const recipe = {
      input: { shape, preprocess: [{ kind: 'subtractMean', per: 'channel' }] },
      augment: [{ kind: 'flip' }, { kind: 'pcaLighting', deviation: 0.1, colours: 'trainingSet' }],
    } as const;
    expect(needsFitting(recipe)).toBe(true);
    const { recipe: fitted, fitted: arrays } = await fitRecipe(ten, recipe);
    const channel = (k: number) => {
      const own = [...tenImages].filter((_, at) => at % 3 === k);
      return expect.closeTo(own.reduce((sum, pixel) => sum + pixel) / own.length, 4) as number;
    };
    expect(fitted.input.preprocess).toEqual([
      { kind: 'subtract', mean: [channel(0), channel(1), channel(2)] },
    ]);
    expect(fitted.augment[1]).toMatchObject({ deviation: 0.1, colours: await principalColours(ten) });
    expect(arrays).toEqual({});
    expect(needsFitting(fitted)).toBe(false);
    const none = datasetOf(new Uint8Array(), shape);
    await expect(fitRecipe(none, recipe)).rejects.toThrow('made up: expected images to fit');
  });

  it('leaves images of mean 0 everywhere where the mean image is subtracted', async () => {
    const recipe = {
      input: { shape, preprocess: [{ kind: 'subtractMean', per: 'pixel' }] },
      augment: [],
    } as const;
    const { recipe: same, fitted } = await fitRecipe(ten, recipe);
    const { values } = preprocess(tenImages, 10, shape, same.input.preprocess, fitted);
    for (let at = 0; at < 6; at++) {
      const own = [...values].filter((_, place) => place % 6 === at);
      expect(own.reduce((sum, value) => sum + value) / 10).toBeCloseTo(0, 4);
      expect(own[3]! - own[4]!).toBeCloseTo(tenImages[18 + at]! - tenImages[24 + at]!, 3);
    }
    expect(() => preprocess(tenImages, 10, shape, same.input.preprocess)).toThrow(
      /mean image of 6 values.*found none/,
    );
  });

  it('is kept in a file with the run, and refused for other steps', async () => {
    const steps = (bias: number) =>
      ({
        input: {
          shape,
          preprocess: [{ kind: 'subtractMean', per: 'pixel' }, contrast, { kind: 'whiten', bias }],
        },
      }) as const;
    const { fitted } = await fitRecipe(ten, { ...steps(0.1), augment: [] });
    await saveFitted(folder, steps(0.1), fitted);
    expect(await loadFitted(folder, steps(0.1))).toEqual(fitted);
    await expect(loadFitted(folder, steps(0.2))).rejects.toThrow(
      /expected what was fitted for .*0\.2.*found .*0\.1/,
    );
    expect(await loadFitted(folder, { input: { shape, preprocess: [contrast] } })).toEqual({});
    writeFileSync(join(folder, 'preprocess.safetensors'), 'not one');
    await expect(loadFitted(folder, steps(0.1))).rejects.toThrow(UserError);
    await expect(loadFitted(join(folder, 'none'), steps(0.1))).rejects.toThrow(UserError);
  });
});
