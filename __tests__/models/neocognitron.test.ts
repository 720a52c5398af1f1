import { zoo } from '../../models/registry';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { UserError } from '../../src/core/errors';
import type { Recipe } from '../../src/core/network';
import { seededRandom } from '../../src/core/random';
import { describeModel } from '../../src/describe/describe-model';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { stepFor } from '../../src/train/step/choose-step';
import { errorOf } from '../../src/evaluate/scores/predict';
import { train } from '../../src/train/train';
import { arraysOf } from '../../src/weights/named-array';
import { onEveryBackend, randomTensor, savedAndLoaded } from '../support/fixtures';

const { neocognitron } = zoo;
const { recipe } = neocognitron;

beforeAll(async () => void (await useBackend()));

it('has the cells of the paper’s §5, its modifiable synapses and its excitatory multiply-adds', () => {
  const model = neocognitron.build({ classes: 10, seed: 1 });
  const description = describeModel(model);
  const shapes = description.layers.map(({ name, outputShape }) => [name, outputShape]);
  expect(Object.fromEntries(shapes)).toMatchObject({
    US1: [16, 16, 24],
    UC1: [10, 10, 24],
    US2: [8, 8, 24],
    UC2: [6, 6, 24],
    US3: [2, 2, 24],
    UC3: [1, 1, 24],
    readout: [10],
  });
  // 5·5 synapses to one plane below and 5·5·24 to 24, and an inhibitory one, for each of 24 planes.
  expect(description.parameters).toBe(24 * (25 + 1) + 2 * 24 * (600 + 1));
  const excitatory = [16 ** 2 * 25, 10 ** 2 * 25, 8 ** 2 * 600, 6 ** 2 * 25, 2 ** 2 * 600, 4];
  expect(description.multiplyAdds).toBe(24 * excitatory.reduce((sum, each) => sum + each));
  expect(description.multiplyAdds).toBe(1_214_496);
  expect(description.fixedParameters).toBe(24 * 10);
  model.dispose();
});

it('computes what the paper’s equations give, written as plain loops, on every backend', () =>
  onEveryBackend(async () => {
    const model = neocognitron.build({ classes: 10, seed: 1 });
    const weights = model.weights.map(({ shape }, index) =>
      randomTensor(shape as number[], 40 + index).abs(),
    );
    model.setWeights(weights);
    const input = randomTensor([1, 16, 16, 1], 8).abs();
    const scores = await (model.predict(input) as tf.Tensor).data();
    const [a1, b1, a2, b2, a3, b3, counts] = await Promise.all(
      weights.map((weight) => weight.data<'float32'>()),
    );
    const u0 = { side: 16, planes: 1, u: await input.data<'float32'>() };
    const uc1 = naiveC(naiveS(u0, a1!, b1!, { cells: 16, r: 4 }), { cells: 10, k: 5 });
    const uc2 = naiveC(naiveS(uc1, a2!, b2!, { cells: 8, r: 1.5 }), { cells: 6, k: 5 });
    const uc3 = naiveC(naiveS(uc2, a3!, b3!, { cells: 2, r: 1.5 }), { cells: 1, k: 2 });
    const total = uc3.u.reduce((sum, u) => sum + u);
    expect(total).toBeGreaterThan(0);
    for (let label = 0; label < 10; label++) {
      let votes = 0;
      for (let plane = 0; plane < 24; plane++) {
        const won = counts!.subarray(plane * 10, plane * 10 + 10);
        votes += (uc3.u[plane]! * won[label]!) / won.reduce((sum, each) => sum + each);
      }
      expect(scores[label]!).toBeCloseTo(votes / total, 4);
    }
    model.dispose();
  }));

it('starts with small positive synapses that differ from plane to plane, and without inhibition', () => {
  const model = neocognitron.build({ classes: 10, seed: 1 });
  for (const name of ['US1', 'US2', 'US3']) {
    const [kernel, inhibition] = model.getLayer(name).getWeights();
    const planes = (kernel!.reshape([-1, 24]).transpose().arraySync() as number[][]).map(String);
    expect(new Set(planes).size).toBe(24);
    expect(kernel!.min().dataSync()[0]!).toBeGreaterThan(0);
    expect(kernel!.max().dataSync()[0]!).toBeLessThan((0.1 / 25) * 2);
    expect([...inhibition!.dataSync()]).toEqual(Array(24).fill(0));
  }
  model.dispose();
});

it('comes to answer each of the digits 0 to 4 with a cell of UC3 of its own, wherever it stands', async () => {
  // The experiment of §5: five patterns, each presented 20 times at random places.
  const model = neocognitron.build({ classes: 5, seed: 1 });
  const step = stepFor(model, recipe, 1);
  const random = seededRandom(5);
  for (let presentation = 0; presentation < 100; presentation++) {
    const digit = presentation % 5;
    const images = placed(digits[digit]!, random.integer(3) - 1, random.integer(3) - 1);
    await step.run({ images, shape: [16, 16, 1], labels: Int32Array.of(digit) }, 1, presentation);
  }
  const places = [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((right) => [down, right] as const));
  const answers = digits.map((digit) =>
    places.map(([down, right]) => responding(model, placed(digit, down, right))),
  );
  for (const cells of answers) expect(new Set(cells.map(String)).size).toBe(1);
  for (const [cells] of answers) expect(cells).toHaveLength(1);
  expect(new Set(answers.map(([cells]) => String(cells))).size).toBe(5);
  model.dispose();
});

it('tells drawn digits apart far better than by chance after 500 of them', async () => {
  const { train: data, test } = drawDigits({ seed: 1, train: 500, test: 200 });
  const model = neocognitron.build({ classes: 10, seed: 1 });
  const before = tf.memory().numTensors;
  const losses: number[] = [];
  for await (const { loss } of train({ model, recipe, data, seed: 1 })) losses.push(loss);
  expect(tf.memory().numTensors).toBe(before);
  const mean = (part: number[]) => part.reduce((sum, loss) => sum + loss) / part.length;
  expect(mean(losses.slice(-100))).toBeLessThan(0.9 * mean(losses.slice(0, 50)));
  // Chance is an error of 0.9.
  expect(await errorOf({ model, recipe, data: test })).toBeLessThan(0.7);
  model.dispose();
});

it('learns the same whether images come one by one or in batches, in one go or in two', async () => {
  const { train: data } = drawDigits({ seed: 2, train: 15, test: 10 });
  const learnt = async (batchSize: number, stop = Infinity) => {
    const own: Recipe = { ...recipe, batchSize };
    let model = neocognitron.build({ classes: 10, seed: 1 });
    const step = stepFor(model, own, 1);
    for await (const { step: done } of train({ model, recipe: own, data, seed: 1, step })) {
      if (done === stop) break;
    }
    if (stop < Infinity) {
      const second = neocognitron.build({ classes: 10, seed: 1 });
      second.setWeights(model.getWeights());
      const resumed = stepFor(second, own, 1);
      const rest = train({ model: second, recipe: own, data, seed: 1, step: resumed, done: stop });
      while (!(await rest.next()).done);
      model = second;
    }
    return arraysOf(model.weights);
  };
  const whole = await learnt(1);
  expect(await learnt(4)).toEqual(whole);
  expect(await learnt(1, 7)).toEqual(whole);
});

it('gives the same scores after saving and loading', async () => {
  const model = neocognitron.build({ classes: 10, seed: 1 });
  model.setWeights(model.weights.map(({ shape }, index) => randomTensor(shape as number[], index).abs()));
  const input = randomTensor([3, 16, 16, 1], 1).abs();
  const loaded = await savedAndLoaded(model);
  expect(await (loaded.predict(input) as tf.Tensor).data()).toEqual(
    await (model.predict(input) as tf.Tensor).data(),
  );
});

it('refuses other sizes, dense use and what its learning has not, in one line', () => {
  const build = (options: object) => () => neocognitron.build({ classes: 10, seed: 1, ...options });
  expect(build({ input: [28, 28, 1] })).toThrow(/expected an input of 16×16.*found 28×28/);
  expect(build({ convolutional: true })).toThrow(UserError);
  const model = neocognitron.build({ classes: 10, seed: 1 });
  const other = zoo.lenet5.build({ classes: 10, seed: 1 });
  const [first] = recipe.optimiser.layers;
  const wide = { kind: 'winnerTakeAll', layers: [{ ...first, column: 17 }] } as const;
  expect(() => stepFor(model, { ...recipe, weightDecay: 0.1 }, 1)).toThrow(/without weightDecay/);
  expect(() => stepFor(model, { ...recipe, optimiser: wide }, 1)).toThrow(
    /at most 16 cells in US1, found 17/,
  );
  expect(() => stepFor(other, recipe, 1)).toThrow(/found no such layer US1 in lenet5/);
  expect(() => stepFor(model, recipe, 1, { kind: 'compiled' })).toThrow(/expected auto or eager/);
});

it('holds a recipe and a paper that equal their own JSON', () => {
  expect(JSON.parse(JSON.stringify(recipe))).toEqual(recipe);
  expect(JSON.parse(JSON.stringify(neocognitron.paper))).toEqual(neocognitron.paper);
});

it('leaves no tensor behind once disposed of', () => {
  const before = tf.memory().numTensors;
  neocognitron.build({ classes: 10, seed: 1 }).dispose();
  expect(tf.memory().numTensors).toBe(before);
});

interface Planes {
  readonly side: number;
  readonly planes: number;
  /** [row][column][plane], flat. */
  readonly u: Float32Array;
}

const at = ({ side, planes, u }: Planes, y: number, x: number, plane: number) =>
  y < 0 || y >= side || x < 0 || x >= side ? 0 : u[(y * side + x) * planes + plane]!;

/** Eq. 1 to 3 for 24 planes with windows of 5×5 and c proportional to 0.9^|v|. */
function naiveS(
  below: Planes,
  a: Float32Array,
  b: Float32Array,
  { cells, r }: { cells: number; r: number },
): Planes {
  const offset = (below.side - cells) / 2 - 2;
  const distances = Array.from({ length: 25 }, (_, v) => Math.hypot(Math.floor(v / 5) - 2, (v % 5) - 2));
  const norm = distances.reduce((sum, distance) => sum + 0.9 ** distance, 0) * below.planes;
  const u = new Float32Array(cells * cells * 24);
  for (let cell = 0; cell < cells * cells; cell++) {
    for (let k = 0; k < 24; k++) {
      let [excitation, square] = [0, 0];
      distances.forEach((distance, v) => {
        for (let j = 0; j < below.planes; j++) {
          const y = Math.floor(cell / cells) + offset + Math.floor(v / 5);
          const input = at(below, y, (cell % cells) + offset + (v % 5), j);
          excitation += a[(v * below.planes + j) * 24 + k]! * input;
          square += (0.9 ** distance / norm) * input ** 2;
        }
      });
      const inhibition = ((2 * r) / (1 + r)) * b[k]! * Math.sqrt(square);
      u[cell * 24 + k] = r * Math.max(0, (1 + excitation) / (1 + inhibition) - 1);
    }
  }
  return { side: cells, planes: 24, u };
}

/** Eq. 4 to 6 with α = 0.5 and d = 2 · 0.7^|v|. */
function naiveC(below: Planes, { cells, k }: { cells: number; k: number }): Planes {
  const u = new Float32Array(cells * cells * 24);
  for (let cell = 0; cell < cells * cells; cell++) {
    const middle = (index: number) => Math.floor(((index + 0.5) * below.side) / cells);
    const [top, left] = [Math.floor(cell / cells), cell % cells].map(
      (index) => middle(index) - Math.floor(k / 2),
    );
    const drives = Array.from({ length: 24 }, (_, plane) => {
      let sum = 0;
      for (let i = 0; i < k; i++) {
        for (let j = 0; j < k; j++) {
          const d = 2 * 0.7 ** Math.hypot(i - (k - 1) / 2, j - (k - 1) / 2);
          sum += d * at(below, top! + i, left! + j, plane);
        }
      }
      return sum;
    });
    const lateral = drives.reduce((sum, drive) => sum + drive) / 24;
    drives.forEach((drive, plane) => {
      const x = Math.max(0, (1 + drive) / (1 + lateral) - 1);
      u[cell * 24 + plane] = x / (0.5 + x);
    });
  }
  return { side: cells, planes: 24, u };
}

/** The cells of UC3 that respond to an image. */
function responding(model: tf.LayersModel, image: Float32Array): number[] {
  const { name } = model.getLayer('UC3').output as tf.SymbolicTensor;
  const outputs = tf.tidy(() =>
    (model.execute(tf.tensor4d(image, [1, 16, 16, 1]), name) as tf.Tensor).dataSync(),
  );
  return [...outputs].flatMap((output, cell) => (output > 0 ? [cell] : []));
}

/** A pattern of 10 rows and 7 columns on 16×16 cells, moved from the middle. */
function placed(pattern: string, down: number, right: number): Float32Array {
  const image = new Float32Array(256);
  pattern
    .trim()
    .split(/\s+/)
    .forEach((row, y) =>
      [...row].forEach((dot, x) => (image[(y + 3 + down) * 16 + x + 4 + right] = dot === '#' ? 1 : 0)),
    );
  return image;
}

const digits = [
  `
  ..###..
  .#...#.
  #.....#
  #.....#
  #.....#
  #.....#
  #.....#
  #.....#
  .#...#.
  ..###..
  `,
  `
  ...#...
  ...#...
  ...#...
  ...#...
  ...#...
  ...#...
  ...#...
  ...#...
  ...#...
  ...#...
  `,
  `
  ..####.
  .#....#
  ......#
  ......#
  .....#.
  ....#..
  ...#...
  ..#....
  .#.....
  #######
  `,
  `
  .#####.
  #.....#
  ......#
  ......#
  ..####.
  ......#
  ......#
  ......#
  #.....#
  .#####.
  `,
  `
  ....#..
  ...##..
  ..#.#..
  .#..#..
  #...#..
  #######
  ....#..
  ....#..
  ....#..
  ....#..
  `,
];
