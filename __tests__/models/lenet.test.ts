import { zoo } from '../../models/registry';
import { describeModel } from '../../src/describe/describe-model';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { randomTensor, savedAndLoaded } from '../support/fixtures';

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
  naiveLenet5(await input.data<'float32'>(), weights).forEach((y, unit) =>
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

/** Table I of the paper: rows are maps of S2, columns maps of C3. */
const c3 = [
  'X...XXX..XXXX.XX',
  'XX...XXX..XXXX.X',
  'XXX...XXX..X.XXX',
  '.XXX..XXXX..X.XX',
  '..XXX..XXXX.XX.X',
  '...XXX..XXXX.XXX',
];

type Maps = number[][][]; // [map][row][column]

function naiveLenet5(pixels: Float32Array, weights: Map<string, Float32Array>): number[] {
  const at = (name: string) => weights.get(name)!;
  const f = (a: number) => 1.7159 * Math.tanh((2 / 3) * a);
  const grid = (side: number, value: (row: number, column: number) => number) =>
    Array.from({ length: side }, (_, row) =>
      Array.from({ length: side }, (__, column) => value(row, column)),
    );
  const convolve = (
    maps: Maps,
    name: string,
    outputs: number,
    reads: (input: number, output: number) => boolean,
    place: (tap: number, input: number, output: number) => number,
  ): Maps =>
    Array.from({ length: outputs }, (_, output) =>
      grid(maps[0]!.length - 4, (row, column) => {
        let sum = at(`${name}/bias`)[output]!;
        maps.forEach((map, input) => {
          if (!reads(input, output)) return;
          for (let tap = 0; tap < 25; tap++) {
            sum +=
              at(`${name}/kernel`)[place(tap, input, output)]! *
              map[row + Math.floor(tap / 5)]![column + (tap % 5)]!;
          }
        });
        return f(sum);
      }),
    );
  const subsample = (maps: Maps, name: string): Maps =>
    maps.map((map, index) =>
      grid(map.length / 2, (row, column) => {
        const sum =
          map[2 * row]![2 * column]! +
          map[2 * row]![2 * column + 1]! +
          map[2 * row + 1]![2 * column]! +
          map[2 * row + 1]![2 * column + 1]!;
        return f(at(`${name}/coefficient`)[index]! * sum + at(`${name}/bias`)[index]!);
      }),
    );
  const linked = (input: number, output: number) => c3[input]![output] === 'X';
  const pairs = Array.from({ length: 16 }, (_, output) => output).flatMap((output) =>
    [0, 1, 2, 3, 4, 5].filter((input) => linked(input, output)).map((input) => `${input} ${output}`),
  );
  const all = () => true;
  const image = [grid(32, (row, column) => pixels[row * 32 + column]!)];
  const s2 = subsample(
    convolve(image, 'C1', 6, all, (tap, _, output) => tap * 6 + output),
    'S2',
  );
  const s4 = subsample(
    convolve(s2, 'C3', 16, linked, (tap, input, output) => tap * 60 + pairs.indexOf(`${input} ${output}`)),
    'S4',
  );
  const c5 = convolve(s4, 'C5', 120, all, (tap, input, output) => (tap * 16 + input) * 120 + output);
  const f6 = Array.from({ length: 84 }, (_, unit) =>
    f(
      c5.reduce(
        (sum, map, input) => sum + at('F6/kernel')[input * 84 + unit]! * map[0]![0]!,
        at('F6/bias')[unit]!,
      ),
    ),
  );
  return Array.from({ length: 10 }, (_, unit) =>
    f6.reduce((sum, x, j) => sum + (x - at('output/codes')[unit * 84 + j]!) ** 2, 0),
  );
}
