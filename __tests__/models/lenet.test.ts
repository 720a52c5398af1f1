import { zoo } from '../../models/registry';
import { describeModel } from '../../src/describe/describe-model';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { randomTensor, savedAndLoaded } from '../support/fixtures';
import { naiveLenet5 } from '../support/naive-lenet5';

const { lenet5 } = zoo;

beforeAll(async () => void (await useBackend()));

it('has the parameters and connections that the paper counts, layer by layer', () => {
  const description = describeModel(lenet5.build({ classes: 10, seed: 1 }));
  const counted = (field: 'parameters' | 'connections', layers: object) =>
    Object.fromEntries(
      Object.keys(layers).map((name) => [
        name,
        description.layers.find((layer) => layer.name === name)![field],
      ]),
    );
  expect(description.parameters).toBe(60_000);
  expect(description.connections).toBe(340_908);
  expect(counted('parameters', lenet5.paper.parameters.layers)).toEqual(lenet5.paper.parameters.layers);
  expect(counted('connections', lenet5.paper.connections.layers)).toEqual(lenet5.paper.connections.layers);
});

it('has the feature maps of the paper’s figure 2', () => {
  const shapes = describeModel(lenet5.build({ classes: 10, seed: 1 })).layers.map(({ name, outputShape }) => [
    name,
    outputShape,
  ]);
  expect(Object.fromEntries(shapes)).toMatchObject({
    C1: [28, 28, 6],
    S2: [14, 14, 6],
    C3: [10, 10, 16],
    S4: [5, 5, 16],
    C5: [1, 1, 120],
    F6: [84],
    output: [10],
  });
});

it('computes what the paper’s equations give, written as plain loops', async () => {
  const model = lenet5.build({ classes: 10, seed: 4 });
  const input = randomTensor([1, 32, 32, 1], 8);
  const scores = await (model.predict(input) as tf.Tensor).data();
  const weights = new Map(
    model.weights.map((weight) => [weight.originalName, weight.read().dataSync<'float32'>()]),
  );
  naiveLenet5(await input.data<'float32'>(), weights).output.forEach((y, unit) =>
    expect(scores[unit]!).toBeCloseTo(y, 3),
  );
});

it('starts with weights within 2.4 over the fan-in of their unit, spread over the whole range', () => {
  const model = lenet5.build({ classes: 10, seed: 2 });
  const largest = (name: string) =>
    Math.max(
      ...model.weights
        .find((weight) => weight.originalName === name)!
        .read()
        .abs()
        .dataSync(),
    );
  const fanIn = { 'C1/kernel': 25, 'S2/coefficient': 4, 'C5/kernel': 400, 'F6/kernel': 120, 'F6/bias': 120 };
  for (const [name, inputs] of Object.entries(fanIn)) {
    expect(largest(name)).toBeLessThanOrEqual(2.4 / inputs);
    expect(largest(name)).toBeGreaterThan(0.5 * (2.4 / inputs));
  }
  // C3's first map reads 3 maps of S2, its last all 6: 60 links, 25 weights each.
  const kernel = model.weights.find(({ originalName }) => originalName === 'C3/kernel')!.read();
  const [first, last] = tf.tidy(() =>
    [0, 54].map(
      (link) =>
        kernel
          .slice([0, 0, link], [5, 5, link ? 6 : 3])
          .abs()
          .max()
          .dataSync()[0]!,
    ),
  );
  expect(first!).toBeGreaterThan(2.4 / 150);
  expect(first!).toBeLessThanOrEqual(2.4 / 75);
  expect(last!).toBeLessThanOrEqual(2.4 / 150);
});

it('builds the same weights from the same seed and others from another', () => {
  const first = (seed: number) => [...lenet5.build({ classes: 10, seed }).getWeights()[0]!.dataSync()];
  expect(first(3)).toEqual(first(3));
  expect(first(3)).not.toEqual(first(4));
});

it('takes any number of classes, with codes at least 48 apart', () => {
  for (const classes of [2, 10, 26, 200]) {
    const model = lenet5.build({ classes, seed: 5 });
    const codes = model.getLayer('output').getWeights()[0]!.arraySync() as number[][];
    expect(codes).toHaveLength(classes);
    expect(new Set(codes.flat())).toEqual(new Set([-1, 1]));
    let least = Infinity;
    codes.forEach((a, i) =>
      codes.slice(0, i).forEach(
        (b) =>
          (least = Math.min(
            least,
            a.reduce((sum, x, k) => sum + (x - b[k]!) ** 2, 0),
          )),
      ),
    );
    expect(least).toBeGreaterThanOrEqual(48);
    model.dispose();
  }
});

it('refuses an image size that leaves C5 no single position', () => {
  expect(() => lenet5.build({ classes: 10, seed: 1, input: [28, 28, 1] })).toThrow(
    /expected an input of 32×32.*found 28×28/,
  );
});

it('gives the same scores after saving and loading', async () => {
  const model = lenet5.build({ classes: 10, seed: 1 });
  const input = randomTensor([3, 32, 32, 1], 1);
  const loaded = await savedAndLoaded(model);
  expect(await (loaded.predict(input) as tf.Tensor).data()).toEqual(
    await (model.predict(input) as tf.Tensor).data(),
  );
});

it('holds a recipe that equals its own JSON', () => {
  expect(JSON.parse(JSON.stringify(lenet5.recipe))).toEqual(lenet5.recipe);
  expect(JSON.parse(JSON.stringify(lenet5.paper))).toEqual(lenet5.paper);
});

it('leaves no tensor behind once disposed of', () => {
  const before = tf.memory().numTensors;
  lenet5.build({ classes: 10, seed: 1 }).dispose();
  expect(tf.memory().numTensors).toBe(before);
});
