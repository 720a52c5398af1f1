import { zoo } from '../../models/registry';
import { tf } from '../../src/core/tf';
import { useBackend } from '../../src/runtime/backend';
import { accuracyFor, lossFor, probabilitiesFor } from '../../src/train/compile-and-fit';

beforeAll(() => useBackend());

/** Two classes of images of 32×32: the bright half is left or right. */
function halves(images: number) {
  const labels = Array.from({ length: images }, (_, index) => index % 2);
  const values = Float32Array.from({ length: images * 1024 }, (_, at) => {
    const right = at % 32 >= 16;
    return labels[Math.floor(at / 1024)] === Number(right) ? 1.175 : -0.1;
  });
  return { x: tf.tensor4d(values, [images, 32, 32, 1]), y: tf.oneHot(labels, 2) };
}

describe('a recipe’s loss, as compile takes it', () => {
  it('is minus the log of softmax for logits, worked out by hand', async () => {
    const { build, recipe } = zoo['lenet5-modern'];
    const model = build({ classes: 2, seed: 1 });
    const [loss] = lossFor(recipe, model);
    const value = loss!(tf.tensor2d([[1, 0]]), tf.tensor2d([[2, 1]]));
    expect((await value.data())[0]).toBeCloseTo(Math.log(1 + Math.exp(-1)), 5);
  });

  it('weights GoogLeNet’s auxiliary heads by 0.3, as §5 of its paper says', async () => {
    const { recipe } = zoo.googlenet;
    const outputNames = ['loss3/classifier', ...Object.keys(recipe.auxiliary)];
    const losses = lossFor(recipe, { outputNames });
    const values = losses.map((loss) => loss(tf.tensor2d([[0, 1]]), tf.tensor2d([[0, 0]])).dataSync()[0]!);
    expect(values).toHaveLength(3);
    expect(values[0]).toBeCloseTo(Math.LN2, 5);
    for (const value of values.slice(1)) expect(value).toBeCloseTo(0.3 * Math.LN2, 5);
  });

  it('refuses a head without a weight', () => {
    expect(() => lossFor(zoo.googlenet.recipe, { outputNames: ['a', 'b'] })).toThrow(
      'lossFor: expected a weight for the auxiliary head b in the recipe, found none',
    );
  });

  it.each(['lenet5-modern', 'lenet5'] as const)('lets fit learn %s', async (name) => {
    const { build, recipe } = zoo[name];
    const model = build({ classes: 2, seed: 1 });
    const { x, y } = halves(60);
    const rate = recipe.loss.kind === 'rbfPenalty' ? 0.002 : 0.02;
    const metrics = [accuracyFor(recipe)] as unknown as string[];
    model.compile({ optimizer: tf.train.sgd(rate), loss: lossFor(recipe, model), metrics });
    const { history } = await model.fit(x, y, { epochs: 6, batchSize: 10, verbose: 0, shuffle: false });
    expect(Number(history['loss']!.at(-1))).toBeLessThan(Number(history['loss']![0]));
    expect(Number(history['accuracy']!.at(-1))).toBeGreaterThan(0.95);
  });
});

it('counts the nearest of distances as the answer, where tfjs’s accuracy counts the farthest', () => {
  const [targets, distances] = [tf.tensor2d([[1, 0]]), tf.tensor2d([[3, 80]])];
  expect(accuracyFor(zoo.lenet5.recipe)(targets, distances).dataSync()[0]).toBe(1);
  expect(tf.metrics.categoricalAccuracy(targets, distances).dataSync()[0]).toBe(0);
  expect(accuracyFor(zoo['lenet5-modern'].recipe)(targets, distances).dataSync()[0]).toBe(0);
});

it('gives probabilities of logits, and refuses distances', async () => {
  const found = await probabilitiesFor(zoo['lenet5-modern'].recipe, tf.tensor2d([[0, Math.log(3)]])).data();
  expect(found[0]).toBeCloseTo(0.25, 5);
  expect(() => probabilitiesFor(zoo.lenet5.recipe, tf.tensor2d([[0, 1]]))).toThrow('expected logits, found');
});
