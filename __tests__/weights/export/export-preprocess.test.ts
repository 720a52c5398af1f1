import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { contrastNormalise } from '../../../src/data/preprocess/contrast-normalise';
import type { FittedPreprocess } from '../../../src/data/preprocess/preprocess';
import { UserError } from '../../../src/core/errors';
import type { Preprocess } from '../../../src/core/network';
import { seededRandom } from '../../../src/core/random';
import { useBackend } from '../../../src/runtime/backend';
import { tf } from '../../../src/core/tf';
import { exportTfjs } from '../../../src/weights/export/tfjs';
import { pageScripts } from '../../../src/workflows/weights/page-scripts';
import { loaded, metadataOf, trained } from '../../support/weights/exported-model';
import { modelOf, temporaryFolder } from '../../support/fixtures';

const root = temporaryFolder();
beforeAll(() => useBackend());

describe('preprocessing', () => {
  const side = 6;
  const random = seededRandom(2);
  const values = (count: number) => Float32Array.from({ length: count }, () => random.uniform(-1, 1));
  const size = side * side * 3;
  const fitted: FittedPreprocess = {
    mean: values(size).map((value) => 100 + 20 * value),
    whitening: { mean: values(size), matrix: values(size * size) },
  };
  const steps: readonly Preprocess[] = [
    { kind: 'subtractMean', per: 'pixel' },
    { kind: 'contrastNormalise', scale: 55 },
    { kind: 'whiten', bias: 0.1 },
  ];
  const flat = () => {
    const model = modelOf(tf.layers.flatten(), [side, side, 3], 1);
    return { model, input: { shape: [side, side, 3], preprocess: steps } as const };
  };

  it('that takes much from the training set is part of the graph, as plain loops compute it', async () => {
    const { model, input } = flat();
    const folder = join(root, 'fitted');
    mkdirSync(folder);
    const recipe = { input, augment: [], loss: { kind: 'softmaxCrossEntropy' } } as const;
    await exportTfjs(folder, trained('nin-cifar10-caffe', model, { recipe, fitted }), await pageScripts());
    expect(metadataOf(folder).input).toMatchObject({ preprocess: [] });
    const pixels = Float32Array.from({ length: 2 * size }, () => random.integer(256));
    pixels.fill(77, size); // of one value
    pixels.forEach((pixel, at) => at >= size && (pixels[at] = pixel + fitted.mean![at % size]! - 77));
    const expected = pixels.map((pixel, at) => pixel - fitted.mean![at % size]!);
    contrastNormalise(expected, 2, 55);
    const { mean, matrix } = fitted.whitening!;
    const whitened = Array.from({ length: 2 * size }, (_, at) => {
      const image = Math.floor(at / size);
      let sum = 0;
      for (let value = 0; value < size; value++)
        sum += (expected[image * size + value]! - mean[value]!) * matrix[value * size + (at % size)]!;
      return sum;
    });
    const graph = await loaded(folder);
    const found = (graph.predict(tf.tensor4d(pixels, [2, side, side, 3])) as tf.Tensor).dataSync<'float32'>();
    const largest = whitened.reduce((most, value, at) => Math.max(most, Math.abs(value - found[at]!)), 0);
    expect(largest).toBeLessThan(1e-3); // of numbers up to 100
    expect(found.reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeGreaterThan(10);
    graph.dispose();
    model.dispose();
  });

  it('of a few numbers is told to the page, with the cut that comes before it', async () => {
    const { model } = flat();
    const folder = join(root, 'told');
    mkdirSync(folder);
    const subtract = { kind: 'subtract', mean: [123, 117, 104] } as const;
    const pad = { kind: 'pad', height: side, width: side, value: 0 } as const;
    const input = { shape: [side, side, 3], preprocess: [pad, subtract] } as const;
    const crop = { kind: 'randomCrop', size: side, shortSide: 8 } as const;
    const recipe = { input, augment: [crop], loss: { kind: 'softmaxCrossEntropy' } } as const;
    await exportTfjs(folder, trained('vgg-a', model, { recipe, labels: ['a', 'b'] }), await pageScripts());
    expect(metadataOf(folder)).toMatchObject({
      labels: ['a', 'b'],
      scores: 'softmaxCrossEntropy',
      input: {
        shape: [side, side, 3],
        preprocess: [subtract],
        view: {
          least: { height: 8, width: 8 },
          window: { height: side, width: side },
        },
      },
    });
    model.dispose();
  });

  it('without what was fitted is refused', async () => {
    const { model, input } = flat();
    const recipe = { input, augment: [], loss: { kind: 'softmaxCrossEntropy' } } as const;
    await expect(
      exportTfjs(join(root, 'nothing'), trained('vgg-a', model, { recipe }), await pageScripts()),
    ).rejects.toThrow(
      new UserError('export: expected what the preprocessing took from the training set, found nothing'),
    );
    model.dispose();
  });
});
