import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { zoo } from '../../../models/registry';
import { openIdx } from '../../../src/data/formats/idx/idx-folder';
import { preprocess } from '../../../src/data/preprocess/preprocess';
import { evaluate } from '../../../src/evaluate/evaluate';
import { useBackend } from '../../../src/runtime/backend';
import { tf } from '../../../src/core/tf';
import { importWeights } from '../../../src/weights/import/import-weights';
import { testOnRealData } from '../../support/fixtures';

beforeAll(() => useBackend());

/** Known of these files: 9,914 and 9,905 of MNIST's 10,000 test images right. */
for (const [file, wrong] of [
  ['lenet_iter_10000.caffemodel', 86],
  ['lenet_iter_10000.v1-format.caffemodel', 95],
] as const) {
  testOnRealData(`Caffe’s LeNet, ${file}, is right on MNIST as often as in Caffe`, async (root) => {
    const imported = await importWeights(join(root, 'lenet', file), zoo['lenet-caffe']);
    const { model, preprocess: steps, missing } = imported;
    expect(missing).toEqual([]);
    const { recipe } = zoo['lenet-caffe'];
    const { test: data } = await openIdx(join(root, 'mnist'), 'mnist');
    const { mistakes } = await evaluate({
      model,
      recipe: { ...recipe, input: { ...recipe.input, preprocess: steps } },
      data,
    });
    expect(Math.abs(mistakes - wrong)).toBeLessThanOrEqual(2);
    model.dispose();
  });
}

interface Reference {
  readonly images: Readonly<Record<string, { top5: number[]; probability: number[] }>>;
}

testOnRealData('BVLC’s GoogLeNet gives the probabilities that OpenCV’s importer gives', async (root) => {
  const file = join(root, 'googlenet', 'bvlc_googlenet.caffemodel');
  const imported = await importWeights(file, zoo.googlenet);
  const { model, preprocess: steps, missing } = imported;
  expect(missing.every((weight) => /^loss[12]\//.test(weight))).toBe(true);
  const text = readFileSync(join(root, 'googlenet', 'reference-predictions.json'), 'utf8');
  const { images } = JSON.parse(text) as Reference;
  const names = Object.keys(images).filter((_, index) => index % 12 === 0);
  expect(names.length).toBe(42);
  // The reference's own cut: rows and columns 1 to 224 of 227.
  const cut = { top: 1, left: 1, width: 224, height: 224 };
  for (const name of names) {
    const decoded = sharp(join(root, 'imagenet-val', 'images', name), { ignoreIcc: true }).extract(cut);
    const pixels = await decoded.toColourspace('srgb').removeAlpha().raw().toBuffer();
    const { values } = preprocess(pixels, 1, [224, 224, 3], steps);
    const probabilities = tf.tidy(() => {
      const [scores] = model.predict(tf.tensor4d(values, [1, 224, 224, 3])) as tf.Tensor2D[];
      return tf.softmax(scores!).dataSync<'float32'>();
    });
    const { top5, probability } = images[name]!;
    top5.forEach((index, rank) =>
      expect(Math.abs(probabilities[index]! - probability[rank]!)).toBeLessThan(1e-4),
    );
    expect(probabilities.indexOf(Math.max(...probabilities))).toBe(top5[0]);
  }
  model.dispose();
});
