import type { Batch } from '../../src/data/loader/batches';
import { CeilPool } from '../../src/layers/ceil-pool';
import { LearnedCombination } from '../../src/layers/learned-combination';
import { Lrn } from '../../src/layers/lrn';
import { Rbf } from '../../src/layers/rbf';
import { ScaledTanh } from '../../src/layers/scaled-tanh';
import { secondDerivatives } from '../../src/layers/second-derivatives';
import { Subsample } from '../../src/layers/subsample';
import { SubsetConv2D } from '../../src/layers/subset-conv';
import type { Loss } from '../../src/core/network';
import { permutation, seededRandom } from '../../src/core/random';
import { tf } from '../../src/core/tf';
import { diagonalCurvature } from '../../src/train/step/curvature/curvature';
import { lossCurvature } from '../../src/train/step/curvature/loss-curvature';
import { useBackend } from '../../src/runtime/backend';
import { modelOf, onEveryBackend, randomTensor } from '../support/fixtures';

const { tanh, exp, log, abs, max } = Math;

beforeAll(async () => void (await useBackend()));

const table = [[0, 2], [1], [0, 1, 2]];
const border = { width: 2, value: -1 };

/** Every layer of LeNets and of the network for zip codes. */
const layers: readonly (readonly [name: string, make: () => tf.layers.Layer, input: number[]])[] = [
  ['convolution', () => tf.layers.conv2d({ filters: 3, kernelSize: 3 }), [5, 5, 2]],
  ['strided convolution', () => tf.layers.conv2d({ filters: 2, kernelSize: 3, strides: 2 }), [5, 5, 2]],
  [
    'convolution without bias',
    () => tf.layers.conv2d({ filters: 2, kernelSize: 2, useBias: false }),
    [3, 3, 1],
  ],
  ['full layer', () => tf.layers.dense({ units: 4 }), [6]],
  ['flattening', () => tf.layers.flatten(), [2, 2, 3]],
  ['average pooling', () => tf.layers.averagePooling2d({ poolSize: 2, strides: 2 }), [4, 4, 2]],
  ['maximum pooling', () => new CeilPool({ kind: 'max', size: 2, stride: 2 }), [5, 5, 2]],
  ['ReLU', () => tf.layers.reLU(), [4, 4, 2]],
  ['scaled tanh', () => new ScaledTanh(), [4, 4, 2]],
  ['sub-sampling', () => new Subsample({ size: 2 }), [5, 4, 3]],
  ['convolution of subsets', () => new SubsetConv2D({ kernelSize: 3, table }), [5, 5, 3]],
  [
    'convolution of subsets with a border and a bias a unit',
    () => new SubsetConv2D({ kernelSize: 5, table, stride: 2, border, biases: 'perUnit' }),
    [6, 6, 3],
  ],
  ['learned combination', () => new LearnedCombination({ maps: 4, kernelSize: 3 }), [5, 5, 3]],
];

/** Values that lie at least 2 / size apart, so that no shift of a test changes which of two is larger, or a sign. */
function valuesApart(shape: number[], seed: number): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  const order = permutation(size, seededRandom(seed));
  return tf.tensor(
    Float32Array.from(order, (rank) => (2 * rank + 1) / size - 1),
    shape,
  );
}

describe('a layer passes on what finite differences of its outputs say, for a loss that is ½ Σ d·y²', () => {
  test.each(layers)('%s', async (_, make, inputShape) => {
    await onEveryBackend(async () => {
      const model = modelOf(make(), inputShape, 3);
      const input = valuesApart([2, ...inputShape], 5);
      const layer = model.layers[1]!;
      const above = randomTensor((model.apply(input) as tf.Tensor).shape, 7).abs();
      const found = tf.tidy(() => {
        const { input: ofInput, weights } = secondDerivatives(layer, input, above);
        return [ofInput, ...weights].map((part) => [...part.dataSync<'float32'>()]);
      });
      const weights = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
      expect(found.length).toBe(1 + weights.length);
      // Gauss and Newton's form: Σ d (∂y/∂w)², with the slopes from central differences.
      const d = above.dataSync<'float32'>();
      const expected = [input, ...weights].map((tensor, index) => {
        const values = tensor.dataSync<'float32'>();
        const outputs = (place: number, by: number) =>
          tf.tidy(() => {
            const moved = tf.tensor(values.with(place, values[place]! + by), tensor.shape);
            if (index === 0) return (model.apply(moved) as tf.Tensor).dataSync<'float32'>();
            (tensor as tf.Variable).assign(moved);
            const seen = (model.apply(input) as tf.Tensor).dataSync<'float32'>();
            (tensor as tf.Variable).assign(tf.tensor(values, tensor.shape));
            return seen;
          });
        return Array.from(values, (_value, place) => {
          const [up, down] = [outputs(place, step), outputs(place, -step)];
          return up.reduce((sum, y, at) => sum + d[at]! * ((y - down[at]!) / (2 * step)) ** 2, 0);
        });
      });
      for (const [index, part] of expected.entries()) expectClose(found[index]!, part, 2e-3);
      expect(max(...expected[0]!)).toBeGreaterThan(0.01);
    });
  });
});

const step = 4e-3;

function expectClose(found: readonly number[], expected: readonly number[], precision: number): void {
  expect(found.length).toBe(expected.length);
  const largest = max(...expected);
  found.forEach((value, at) => expect(abs(value - expected[at]!)).toBeLessThanOrEqual(precision * largest));
}

it('refuses layers without a rule, and activations within a layer, by name', () => {
  const input = tf.zeros([1, 4, 4, 2]);
  const lrn = new Lrn({ name: 'norm1', size: 3, k: 2, alpha: 0.1, beta: 0.75 });
  expect(() => secondDerivatives(lrn, input, input)).toThrow(/found none for norm1 \(Lrn\)/);
  const dense = tf.layers.dense({ name: 'full', units: 2, activation: 'tanh' });
  expect(() => secondDerivatives(dense, input, input)).toThrow(
    /none for full \(Dense with activation "tanh"\)/,
  );
});

const codes = [
  [1, -1, 1, 1, -1],
  [-1, -1, 1, -1, 1],
  [1, 1, 1, 1, 1],
];

/** Eqs. 7 to 9 of LeCun et al. 1998, in double precision. */
function penalty(
  x: readonly number[],
  centres: readonly (readonly number[])[],
  label: number,
  j: number | null,
) {
  const y = centres.map((code) => code.reduce((sum, w, k) => sum + (x[k]! - w) ** 2, 0));
  return y[label]! + (j === null ? 0 : log(exp(-j) + y.reduce((sum, value) => sum + exp(-value), 0)));
}

/** The second derivative of a function of one number at 0. */
function bend(of: (shift: number) => number): number {
  const h = 1e-3;
  return (of(h) - 2 * of(0) + of(-h)) / h ** 2;
}

describe.each([null, 0.5, 4, 40])('the penalty with j = %p', (rival) => {
  const layer = new Rbf({ codes, trainable: true });
  const states = [
    [0.9, -0.2, 0.4, 0.8, 0.1],
    [-0.3, 0.1, 0.9, -0.1, 0.6],
  ];
  const labels = [0, 2];
  const loss = { kind: 'rbfPenalty', rival } as const;
  let found: ReturnType<typeof lossCurvature>;

  beforeAll(() => {
    const input = tf.tensor2d(states);
    const scores = layer.apply(input) as tf.Tensor2D;
    found = lossCurvature(loss, layer, input, scores, tf.tensor1d(labels, 'int32'));
  });

  it('has the second derivatives that finite differences give with respect to the states below', () => {
    const expected = states.flatMap((x, image) =>
      x.map((value, k) => bend((by) => penalty(x.with(k, value + by), codes, labels[image]!, rival))),
    );
    expectClose([...found.input.dataSync<'float32'>()], expected, 1e-4);
    if (rival === null) expectClose([...found.input.dataSync<'float32'>()], Array<number>(10).fill(2), 1e-6);
    expect(found.layers).toBe(1);
  });

  it('has those with respect to the codes too, without the part that can be negative', () => {
    const expected = codes.flatMap((code, i) =>
      code.map((w, k) =>
        states.reduce((sum, x, image) => {
          const at = (by: number) => penalty(x, codes.with(i, code.with(k, w + by)), labels[image]!, rival);
          const y = codes.map((other) => other.reduce((total, v, n) => total + (x[n]! - v) ** 2, 0));
          const all = y.reduce((total, value) => total + exp(-value), rival === null ? 0 : exp(-rival));
          return sum + bend(at) + (rival === null ? 0 : (2 * exp(-y[i]!)) / all);
        }, 0),
      ),
    );
    expectClose([...found.weights[0]!.dataSync<'float32'>()], expected, 1e-4);
  });
});

it('squared errors and cross-entropies bend as finite differences say', () => {
  const score = [0.3, -1.2, 0.8];
  const scores = tf.tensor2d([score]);
  const labels = tf.tensor1d([2], 'int32');
  const last = tf.layers.dense({ units: 3 });
  const of = (loss: Loss) => [
    ...lossCurvature(loss, last, scores, scores, labels).input.dataSync<'float32'>(),
  ];
  const each = (value: (s: readonly number[]) => number) =>
    score.map((s, at) => bend((by) => value(score.with(at, s + by))));
  expectClose(
    of({ kind: 'squaredError', on: 1, off: -1 }),
    each((s) => s.reduce((sum, value, at) => sum + 0.5 * (value - (at === 2 ? 1 : -1)) ** 2, 0)),
    1e-5,
  );
  expectClose(
    of({ kind: 'softmaxCrossEntropy' }),
    each((s) => log(s.reduce((sum, value) => sum + exp(value), 0)) - s[2]!),
    1e-5,
  );
  expect(() => of({ kind: 'rbfPenalty', rival: 1 })).toThrow(
    /expected distances from codes as the last layer/,
  );
});

/** A chain of layers as a network. */
function chain(shape: number[], ...parts: tf.layers.Layer[]): tf.LayersModel {
  const image = tf.input({ shape });
  const outputs = parts.reduce((below, layer) => layer.apply(below) as tf.SymbolicTensor, image);
  const model = tf.model({ name: 'toy', inputs: image, outputs });
  model.trainableWeights.forEach((weight, index) => {
    weight.write(randomTensor(weight.shape as number[], index).mul(0.7));
  });
  return model;
}

function batchesOf(images: tf.Tensor4D, labels: readonly number[], size: number): Batch[] {
  const shape = images.shape.slice(1) as [number, number, number];
  return Array.from({ length: Math.ceil(labels.length / size) }, (_, index) => {
    const part = labels.slice(index * size, (index + 1) * size);
    const pixels = images.slice([index * size, 0, 0, 0], [part.length, ...shape]).dataSync<'float32'>();
    return { images: pixels, shape, labels: Int32Array.from(part) };
  });
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T, void> {
  yield* items;
}

/** A connection, as the paper counts them: unit `to` of the layer above reads unit `from`, by a weight that others share. */
interface Connection {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** A layer as its connections and biases alone; its units are squashed. */
interface Connected {
  readonly units: number;
  readonly connections: readonly Connection[];
  /** The bias of each unit. */
  readonly biases: readonly number[];
  /** Units below that are added up before anything else, with one connection then: those of a window. */
  readonly sums?: readonly (readonly number[])[];
}

it('finds in a LeNet, image by image, what the paper’s recursion finds connection by connection', async () => {
  const parts = {
    C1: tf.layers.conv2d({ name: 'C1', filters: 2, kernelSize: 3 }), // 8×8 → 6×6×2
    S2: new Subsample({ name: 'S2', size: 2 }), // 3×3×2
    C3: new SubsetConv2D({ name: 'C3', kernelSize: 2, table: [[0], [0, 1], [1]] }), // 2×2×3
    F6: tf.layers.dense({ name: 'F6', units: 5 }),
  };
  const squash = (name: string) => new ScaledTanh({ name });
  const { C1, S2, C3, F6 } = parts;
  const output = new Rbf({ name: 'output', codes });
  const model = chain(
    [8, 8, 1],
    ...[C1, squash('a'), S2, squash('b'), C3, squash('c'), tf.layers.flatten(), F6, squash('d'), output],
  );
  const images = randomTensor([5, 8, 8, 1], 50) as tf.Tensor4D;
  const labels = [2, 0, 1, 1, 0];
  const loss = { kind: 'rbfPenalty', rival: 2 } as const;
  const found = await diagonalCurvature(model, loss, each(batchesOf(images, labels, 2)));
  expect(found.map(({ name }) => name)).toEqual(model.trainableWeights.map((weight) => weight.originalName));

  const network = [
    convolution(8, [[0], [0]], 3),
    windows(6, 2),
    convolution(3, [[0], [0, 1], [1]], 2),
    full(12, 5),
  ];
  const weights = [C1, S2, C3, F6].map((layer) =>
    layer.getWeights().map((weight) => [...weight.dataSync<'float32'>()]),
  );
  // tfjs keeps C1's kernel as [k, k, maps below, maps], C3's as [k, k, links]: with one map below, links are maps.
  const pixels = [...images.dataSync<'float32'>()];
  const expected = weights.flat().map((values) => values.map(() => 0));
  labels.forEach((label, image) => {
    const one = recursion(network, weights, pixels.slice(64 * image, 64 * (image + 1)), label);
    one.forEach((part, at) => part.forEach((value, k) => (expected[at]![k]! += value / labels.length)));
  });
  found.forEach(({ values }, index) => expectClose([...values], expected[index]!, 1e-4));

  // Frozen layers pass second derivatives on, and have none themselves.
  for (const frozen of [[C1], [S2, F6]] as readonly tf.layers.Layer[][]) {
    for (const layer of frozen) layer.trainable = false;
    const ofOthers = await diagonalCurvature(model, loss, each(batchesOf(images, labels, 2)));
    const names = [C1, S2, C3, F6]
      .filter((layer) => !frozen.includes(layer))
      .flatMap((layer) => layer.weights.map(({ originalName }) => originalName));
    expect(ofOthers.map(({ name }) => name)).toEqual(names);
    for (const { name, values } of ofOthers)
      expectClose([...values], expected[found.findIndex((one) => one.name === name)]!, 1e-4);
    for (const layer of frozen) layer.trainable = true;
  }
});

/** Maps are the last axis of units; `reads` names for each map the maps below that it reads, a weight a link and pixel. */
function convolution(side: number, reads: readonly (readonly number[])[], size: number): Connected {
  const below = 1 + max(...reads.flat());
  const links = reads.flatMap((maps, map) => maps.map((from) => ({ from, map })));
  const places = side - size + 1;
  const connections: Connection[] = [];
  const biases: number[] = [];
  for (let row = 0; row < places; row++)
    for (let column = 0; column < places; column++)
      for (let map = 0; map < reads.length; map++) {
        const to = (row * places + column) * reads.length + map;
        biases[to] = map;
        links.forEach((link, number) => {
          if (link.map !== map) return;
          for (let y = 0; y < size; y++)
            for (let x = 0; x < size; x++) {
              const from = ((row + y) * side + column + x) * below + link.from;
              connections.push({ from, to, weight: (y * size + x) * links.length + number });
            }
        });
      }
  return { units: biases.length, connections, biases };
}

function windows(side: number, maps: number): Connected {
  const half = side / 2;
  const sums = Array.from({ length: half * half * maps }, (_, unit) => {
    const [row, column, map] = [Math.floor(unit / maps / half), Math.floor(unit / maps) % half, unit % maps];
    const at = (y: number, x: number) => ((2 * row + y) * side + 2 * column + x) * maps + map;
    return [at(0, 0), at(0, 1), at(1, 0), at(1, 1)];
  });
  const connections = sums.map((_, unit) => ({ from: unit, to: unit, weight: unit % maps }));
  return { units: sums.length, connections, biases: sums.map((_, unit) => unit % maps), sums };
}

function full(below: number, units: number): Connected {
  const connections = Array.from({ length: below * units }, (_, weight) => ({
    from: Math.floor(weight / units),
    to: weight % units,
    weight,
  }));
  return { units, connections, biases: [...Array(units).keys()] };
}

/** Appendix C, eqs. 23, 25 and 27, for one image: h of each layer's weights and biases. */
function recursion(
  network: readonly Connected[],
  weights: readonly (readonly (readonly number[])[])[],
  image: readonly number[],
  label: number,
): number[][] {
  const states = [image];
  const reads = network.map((layer, index) => {
    const below = states[index]!;
    const read = layer.sums?.map((units) => units.reduce((sum, unit) => sum + below[unit]!, 0)) ?? below;
    const [values, biases] = weights[index]!;
    const sums = layer.biases.map((bias) => biases![bias]!);
    for (const { from, to, weight } of layer.connections) sums[to]! += values![weight]! * read[from]!;
    states.push(sums.map((a) => 1.7159 * tanh((2 / 3) * a)));
    return read;
  });
  const x = states.at(-1)!;
  let above = x.map((value, k) => bend((by) => penalty(x.with(k, value + by), codes, label, 2)));
  const found: number[][] = [];
  for (let index = network.length - 1; index >= 0; index--) {
    const { connections, biases, sums } = network[index]!;
    const slope = states[index + 1]!.map((state) => ((1.7159 * 2) / 3) * (1 - (state / 1.7159) ** 2));
    const ofSums = above.map((value, unit) => value * slope[unit]! ** 2); // ∂²E/∂a²
    const [values, biasValues] = weights[index]!;
    const h = values!.map(() => 0);
    const ofBiases = biasValues!.map(() => 0);
    const ofReads = reads[index]!.map(() => 0);
    for (const { from, to, weight } of connections) {
      h[weight]! += ofSums[to]! * reads[index]![from]! ** 2;
      ofReads[from]! += values![weight]! ** 2 * ofSums[to]!;
    }
    biases.forEach((bias, unit) => (ofBiases[bias]! += ofSums[unit]!));
    found.unshift(h, ofBiases);
    above = states[index]!.map(() => 0);
    if (sums) sums.forEach((units, unit) => units.forEach((one) => (above[one]! += ofReads[unit]!)));
    else above = ofReads;
  }
  return found;
}

/**
 * The diagonal of Gauss and Newton's approximation to the Hessian, by finite differences: the bend of the loss along the line on which
 * the network's outputs would move if it were linear in the weight.
 */
async function gaussNewton(
  model: tf.LayersModel,
  images: tf.Tensor4D,
  labels: readonly number[],
): Promise<number[][]> {
  const last = model.layers.at(-2)!;
  const states = tf.model({ inputs: model.inputs, outputs: last.output });
  const seen = () => (states.apply(images) as tf.Tensor2D).arraySync();
  const here = seen();
  const shift = 0.02;
  return model.trainableWeights.map((weight) => {
    const values = weight.read().dataSync<'float32'>();
    return Array.from(values, (value, place) => {
      const at = (by: number) => {
        weight.write(tf.tensor(values.with(place, value + by), weight.shape as number[]));
        return seen();
      };
      const [up, down] = [at(shift), at(-shift)];
      weight.write(tf.tensor(values, weight.shape as number[]));
      return bend((by) =>
        labels.reduce((sum, label, image) => {
          const slope = up[image]!.map((x, k) => (x - down[image]![k]!) / (2 * shift));
          return (
            sum +
            penalty(
              here[image]!.map((x, k) => x + by * slope[k]!),
              codes,
              label,
              2,
            ) /
              labels.length
          );
        }, 0),
      );
    });
  });
}

it('is the diagonal of the Gauss–Newton Hessian where no two units meet: in the last layer of weights', async () => {
  const model = chain(
    [4, 4, 1],
    tf.layers.conv2d({ filters: 2, kernelSize: 3 }),
    new ScaledTanh(),
    tf.layers.flatten(),
    tf.layers.dense({ name: 'F6', units: 5 }),
    new ScaledTanh(),
    new Rbf({ codes }),
  );
  const images = randomTensor([3, 4, 4, 1], 9) as tf.Tensor4D;
  const labels = [0, 1, 2];
  const found = await diagonalCurvature(
    model,
    { kind: 'rbfPenalty', rival: 2 },
    each(batchesOf(images, labels, 3)),
  );
  const expected = await gaussNewton(model, images, labels);
  for (const index of [2, 3]) expectClose([...found[index]!.values], expected[index]!, 2e-3);
});

it('is so in every layer of a network with one unit a layer', async () => {
  const model = chain(
    [5, 5, 1],
    new SubsetConv2D({ kernelSize: 5, table: [[0]] }),
    new ScaledTanh(),
    new Subsample({ size: 1 }),
    new ScaledTanh(),
    tf.layers.flatten(),
    tf.layers.dense({ units: 1 }),
    new ScaledTanh(),
  );
  const images = randomTensor([3, 5, 5, 1], 9) as tf.Tensor4D;
  const batches = batchesOf(images, [0, 0, 0], 3);
  const found = await diagonalCurvature(model, { kind: 'squaredError', on: 1, off: -1 }, each(batches));
  // ½(y − t)² bends by 1: h is the mean of (∂y/∂w)².
  const outputs = () => (model.apply(images) as tf.Tensor2D).dataSync<'float32'>();
  model.trainableWeights.forEach((weight, index) => {
    const values = weight.read().dataSync<'float32'>();
    const expected = Array.from(values, (value, place) => {
      const at = (by: number) => {
        weight.write(tf.tensor(values.with(place, value + by), weight.shape as number[]));
        return outputs();
      };
      const [up, down] = [at(step), at(-step)];
      weight.write(tf.tensor(values, weight.shape as number[]));
      return up.reduce((sum, y, image) => sum + ((y - down[image]!) / (2 * step)) ** 2 / 3, 0);
    });
    expectClose([...found[index]!.values], expected, 2e-3);
  });
});

it('refuses a network that branches, naming the layer', async () => {
  const image = tf.input({ shape: [4, 4, 1] });
  const flat = tf.layers.flatten().apply(image) as tf.SymbolicTensor;
  const left = tf.layers.dense({ units: 2 }).apply(flat) as tf.SymbolicTensor;
  const right = tf.layers.dense({ name: 'right', units: 2 }).apply(flat) as tf.SymbolicTensor;
  const sum = tf.layers.add().apply([left, right]) as tf.SymbolicTensor;
  const model = tf.model({ name: 'forked', inputs: image, outputs: sum });
  const estimate = diagonalCurvature(model, { kind: 'softmaxCrossEntropy' }, each([]));
  await expect(estimate).rejects.toThrow(/expected a chain of layers, found right in forked/);
});

it('leaves no tensors behind', async () => {
  const model = chain([3, 3, 1], tf.layers.flatten(), tf.layers.dense({ units: 3 }));
  const batches = batchesOf(randomTensor([4, 3, 3, 1], 2) as tf.Tensor4D, [0, 1, 2, 0], 2);
  const before = tf.memory().numTensors;
  await diagonalCurvature(model, { kind: 'softmaxCrossEntropy' }, each(batches));
  expect(tf.memory().numTensors).toBe(before);
});
