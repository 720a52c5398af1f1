import { CeilPool, type CeilPoolOptions } from '../../src/layers/ceil-pool';
import { GroupedConv2D } from '../../src/layers/grouped-conv';
import { LearnedCombination } from '../../src/layers/learned-combination';
import { Lrn } from '../../src/layers/lrn';
import { Rbf } from '../../src/layers/rbf';
import { ScaledTanh } from '../../src/layers/scaled-tanh';
import { prepareDropout, SeededDropout } from '../../src/layers/seeded-dropout';
import { Subsample } from '../../src/layers/subsample';
import { SubsetConv2D } from '../../src/layers/subset-conv';
import { permutation, seededRandom } from '../../src/core/random';
import { tf } from '../../src/core/tf';
import { useBackend } from '../../src/runtime/backend';
import { gradientError, modelOf, onEveryBackend, randomTensor, savedAndLoaded } from '../support/fixtures';

type Values = (input: number[][][][], weights: number[][]) => number[];

const table = [[0, 2], [1], [0, 1, 2]];
const codes = [
  [1, -1, 1, 1],
  [-1, -1, 1, -1],
  [1, 1, 1, 1],
];

interface LayerCase {
  readonly make: () => tf.layers.Layer;
  readonly inputShape: number[];
  readonly naive: Values;
  /** Which of the layer's cases it is, where there are several. */
  readonly of?: string;
  /** Inputs that lie far apart, for layers whose slope jumps where two inputs are equal. Default: random ones. */
  readonly apart?: boolean;
}

/** Each layer beside a naive loop over images, positions and maps. */
const layers: LayerCase[] = [
  {
    make: () => new ScaledTanh(),
    inputShape: [6, 6, 3],
    naive: (input) => input.flat(3).map((a) => 1.7159 * Math.tanh((2 * a) / 3)),
  },
  {
    make: () => new Subsample({ size: 2 }),
    inputShape: [6, 6, 3],
    naive: (input, [coefficient, bias]) =>
      input.flatMap((image) =>
        range(3).flatMap((row) =>
          range(3).flatMap((column) =>
            range(3).map((map) => {
              const at = (dy: number, dx: number) => image[2 * row + dy]![2 * column + dx]![map]!;
              return coefficient![map]! * (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) + bias![map]!;
            }),
          ),
        ),
      ),
  },
  {
    make: () => new SubsetConv2D({ kernelSize: 3, table }),
    inputShape: [6, 6, 3],
    naive: (input, [kernel, bias]) =>
      input.flatMap((image) =>
        range(4).flatMap((row) =>
          range(4).flatMap((column) => {
            let link = 0;
            return table.map((maps, output) => {
              let sum = bias![output]!;
              for (const map of maps) {
                for (const dy of range(3)) {
                  for (const dx of range(3)) {
                    sum += kernel![(dy * 3 + dx) * 6 + link]! * image[row + dy]![column + dx]![map]!;
                  }
                }
                link++;
              }
              return sum;
            });
          }),
        ),
      ),
  },
  {
    make: () =>
      new SubsetConv2D({
        kernelSize: 3,
        table,
        stride: 2,
        border: { width: 1, value: -1 },
        biases: 'perUnit',
      }),
    of: 'with stride 2, a border of −1 and a bias a unit',
    inputShape: [6, 5, 3],
    naive: (input, [kernel, bias]) =>
      input.flatMap((image) =>
        range(3).flatMap((row) =>
          range(3).flatMap((column) => {
            let link = 0;
            return table.map((maps, output) => {
              let sum = bias![(row * 3 + column) * 3 + output]!;
              for (const map of maps) {
                for (const tap of range(9)) {
                  const [y, x] = [2 * row - 1 + Math.floor(tap / 3), 2 * column - 1 + (tap % 3)];
                  sum += kernel![tap * 6 + link]! * (image[y]?.[x]?.[map] ?? -1);
                }
                link++;
              }
              return sum;
            });
          }),
        ),
      ),
  },
  {
    make: () => new LearnedCombination({ maps: 2, kernelSize: 3 }),
    inputShape: [5, 4, 3],
    naive: (input, [kernel, combination, bias]) =>
      input.flatMap((image) =>
        range(3).flatMap((row) =>
          range(2).flatMap((column) =>
            range(2).map((output) => {
              const powers = range(3).map((map) => Math.exp(combination![output * 3 + map]!));
              const whole = powers[0]! + powers[1]! + powers[2]!;
              let sum = bias![output]!;
              for (const map of range(3)) {
                let convolved = 0;
                for (const tap of range(9)) {
                  const pixel = image[row + Math.floor(tap / 3)]![column + (tap % 3)]![map]!;
                  convolved += kernel![tap * 3 + map]! * pixel;
                }
                sum += (powers[map]! / whole) * convolved;
              }
              return sum;
            }),
          ),
        ),
      ),
  },
  {
    make: () => new Rbf({ codes }),
    inputShape: [4],
    naive: (input) =>
      (input as unknown as number[][]).flatMap((x) =>
        codes.map((code) => code.reduce((sum, w, index) => sum + (x[index]! - w) ** 2, 0)),
      ),
  },
  {
    make: () => new Lrn({ size: 5, k: 2, alpha: 0.1, beta: 0.75 }),
    inputShape: [2, 3, 8],
    naive: (input) => input.flat(2).flatMap((maps) => naiveLrn(maps, 2)),
  },
  {
    make: () => new Lrn({ size: 3, k: 2, alpha: 0.1, beta: 0.75 }),
    of: 'over fewer maps than its window',
    inputShape: [2, 3, 2],
    naive: (input) => input.flat(2).flatMap((maps) => naiveLrn(maps, 1)),
  },
  {
    make: () => new GroupedConv2D({ filters: 6, kernelSize: 3, groups: 2 }),
    inputShape: [4, 5, 4],
    naive: naiveGroupedConvolution,
  },
  ...ceilPools(),
];

const named = layers.map((layer) => {
  const { className } = layer.make().constructor as unknown as { className: string };
  return { name: layer.of ? `${className} ${layer.of}` : className, ...layer };
});

describe.each(named)('$name', ({ name, make, inputShape, naive, apart }) => {
  const built = () => (name === 'Rbf' ? fixedModel(make(), inputShape) : modelOf(make(), inputShape, 7));
  const inputs = apart ? distantTensor : randomTensor;

  it('computes what a naive loop computes, on every backend', () =>
    onEveryBackend(async () => {
      const model = built();
      const input = inputs([2, ...inputShape], 3);
      const weights = model.getWeights().map((weight) => [...weight.dataSync()]);
      const output = model.predict(input) as tf.Tensor;
      const expected = naive((await input.array()) as number[][][][], weights);
      expect(output.shape).toEqual(model.outputShape.map((side) => side ?? 2));
      expect(output.size).toBe(expected.length);
      (await output.data()).forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 5));
    }));

  it('has the gradients that finite differences give, on every backend', () =>
    onEveryBackend(async () => {
      expect(await gradientError(built(), inputs([2, ...inputShape], 5))).toBeLessThan(2e-3);
    }));

  it('gives the same outputs after saving and loading', async () => {
    await useBackend();
    const model = built();
    const loaded = await savedAndLoaded(model);
    const input = randomTensor([2, ...inputShape], 3);
    expect(await (loaded.predict(input) as tf.Tensor).data()).toEqual(
      await (model.predict(input) as tf.Tensor).data(),
    );
  });

  it('leaves no tensor behind once its model is disposed of', async () => {
    await useBackend();
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const model = built();
      model.predict(randomTensor([2, ...inputShape], 3));
      model.dispose();
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('Rbf with trainable codes has their gradients too', () =>
  onEveryBackend(async () => {
    const model = modelOf(new Rbf({ codes, trainable: true }), [4], 7);
    expect(model.trainableWeights.map(({ originalName }) => originalName.split('/')[1])).toEqual(['codes']);
    expect(await gradientError(model, randomTensor([2, 4], 5))).toBeLessThan(2e-3);
  }));

it('layers refuse inputs that their options do not fit', () => {
  expect(() => modelOf(new Rbf({ codes }), [5], 1)).toThrow('expected codes of 5 values, found 4');
  expect(() => modelOf(new SubsetConv2D({ kernelSize: 3, table }), [6, 6, 2], 1)).toThrow(
    'expected input maps below 2 in the table, found 2',
  );
  expect(() => modelOf(new GroupedConv2D({ filters: 6, kernelSize: 3, groups: 4 }), [6, 6, 4], 1)).toThrow(
    'expected maps that part into 4 groups, found 4 in and 6 out',
  );
  expect(() => new CeilPool({ name: 'pool', kind: 'max', size: 2, stride: 3 })).toThrow(
    'pool: expected a stride of at most the size, 2, found 3',
  );
});

it('GroupedConv2D gives native TensorFlow’s values and gradients by its parts too', async () => {
  const options = { filters: 32, kernelSize: 5, groups: 2, activation: 'relu' } as const;
  const found: Float32Array[][] = [];
  for (const backend of [(await useBackend()).backend, 'wasm'] as const) {
    await useBackend(backend);
    const model = modelOf(new GroupedConv2D(options), [13, 13, 16], 7);
    const input = randomTensor([2, 13, 13, 16], 3);
    const value = () => (model.apply(input) as tf.Tensor).square().sum().asScalar();
    const { grads } = tf.variableGrads(value);
    const slopes = Object.keys(grads).sort();
    const tensors = [model.predict(input) as tf.Tensor, ...slopes.map((name) => grads[name]!)];
    found.push(await Promise.all(tensors.map((tensor) => tensor.data<'float32'>())));
    model.dispose();
  }
  const [native, parts] = found;
  expect(native!.map(({ length }) => length)).toEqual([2 * 13 * 13 * 32, 32, 5 * 5 * 8 * 32]);
  native!.forEach((values, at) => {
    const largest = values.reduce((high, value) => Math.max(high, Math.abs(value)), 0);
    const difference = values.reduce(
      (high, value, k) => Math.max(high, Math.abs(value - parts![at]![k]!)),
      0,
    );
    expect(difference / largest).toBeLessThan(1e-5);
  });
});

it('GroupedConv2D with ReLU cuts its sums off at 0', async () => {
  await useBackend();
  const input = randomTensor([1, 4, 4, 4], 3);
  const options = { filters: 4, kernelSize: 3, groups: 2 };
  const [sums, cut] = [new GroupedConv2D(options), new GroupedConv2D({ ...options, activation: 'relu' })].map(
    (layer) => (modelOf(layer, [4, 4, 4], 7).predict(input) as tf.Tensor).dataSync(),
  );
  expect(cut).toEqual(sums!.map((sum) => Math.max(0, sum)));
  expect(sums!.some((sum) => sum < 0)).toBe(true);
});

describe('SeededDropout', () => {
  const rate = 0.3;
  const twoLayers = () => {
    const input = tf.input({ shape: [4000] });
    const outputs = ['a', 'b'].map(
      (name) => new SeededDropout({ name, rate }).apply(input) as tf.SymbolicTensor,
    );
    return tf.model({ inputs: input, outputs });
  };
  /** Of the layers a and b, on ones. */
  const masks = (model: tf.LayersModel, seed: number, step: number): number[][] => {
    prepareDropout(model, seed, step);
    const outputs = model.apply(tf.ones([2, 4000]), { training: true }) as tf.Tensor[];
    return outputs.map((output) => [...output.dataSync()]);
  };

  it('keeps a share of 1 − rate, divided by it, on every backend', () =>
    onEveryBackend(async () => {
      const [mask] = masks(twoLayers(), 1, 0);
      mask!.forEach((value) => expect(value === 0 || Math.abs(value - 1 / 0.7) < 1e-6).toBe(true));
      const kept = mask!.filter((value) => value > 0).length;
      expect(Math.abs(kept / 8000 - 0.7)).toBeLessThan(4 * Math.sqrt((0.7 * 0.3) / 8000)); // four deviations
    }));

  it('draws the same mask for the same seed and update, others for others and for each layer', () =>
    onEveryBackend(async () => {
      const model = twoLayers();
      const [first, other] = masks(model, 1, 5);
      expect(first).not.toEqual(other);
      expect(masks(model, 1, 6)[0]).not.toEqual(first);
      expect(masks(model, 2, 5)[0]).not.toEqual(first);
      expect(masks(twoLayers(), 1, 5)).toEqual([first, other]);
    }));

  it('draws the same mask on every backend', async () => {
    const found: number[][][] = [];
    await onEveryBackend(async () => {
      const drawn = masks(twoLayers(), 1, 5);
      found.push(drawn.map((mask) => mask.map((value) => (value > 0 ? 1 : 0))));
    });
    expect(found.length).toBeGreaterThan(1);
    for (const other of found) expect(other).toEqual(found[0]);
  });

  it('lets the gradient through where it lets the value through, on every backend', () =>
    onEveryBackend(async () => {
      const layer = new SeededDropout({ rate });
      layer.prepare(3, 4);
      const out = (x: tf.Tensor) => layer.apply(x, { training: true }) as tf.Tensor;
      const ones = tf.ones([50]);
      const slope = tf.grad((x) => out(x).sum())(ones);
      expect([...slope.dataSync()]).toEqual([...out(ones).dataSync()]);
    }));

  it('does nothing in use, and keeps its rate when saved', async () => {
    await useBackend();
    const loaded = await savedAndLoaded(twoLayers());
    const input = randomTensor([2, 4000], 3);
    const [output] = loaded.predict(input) as tf.Tensor[];
    expect(output!.dataSync()).toEqual(input.dataSync());
    expect(masks(loaded, 1, 5)).toEqual(masks(twoLayers(), 1, 5));
  });
});

/** The layer with the weights that it starts with. */
function fixedModel(layer: tf.layers.Layer, inputShape: number[]): tf.LayersModel {
  const input = tf.input({ shape: inputShape });
  return tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
}

function range(count: number): number[] {
  return [...Array(count).keys()];
}

/** Numbers at least 0.05 apart, in random order. */
function distantTensor(shape: number[], seed: number): tf.Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.tensor(
    Float32Array.from(permutation(size, seededRandom(seed)), (place) => 0.05 * (place - size / 2)),
    shape,
  );
}

/** b_i = a_i / (2 + 0.1 Σ a_j²)^0.75, j from i − radius to i + radius as far as there are maps. */
function naiveLrn(maps: number[], radius: number): number[] {
  return maps.map((value, map) => {
    let sum = 0;
    for (let j = Math.max(0, map - radius); j <= Math.min(maps.length - 1, map + radius); j++) {
      sum += maps[j]! ** 2;
    }
    return value / (2 + 0.1 * sum) ** 0.75;
  });
}

/** Six outputs of four maps in two groups, 3×3, with zeros around the image. */
function naiveGroupedConvolution(input: number[][][][], [kernel, bias]: number[][]): number[] {
  return input.flatMap((image) =>
    image.flatMap((line, row) =>
      line.flatMap((_, column) =>
        range(6).map((output) => {
          const firstMap = output < 3 ? 0 : 2;
          let sum = bias![output]!;
          for (const dy of [-1, 0, 1]) {
            for (const dx of [-1, 0, 1]) {
              for (const map of [0, 1]) {
                const pixel = image[row + dy]?.[column + dx]?.[firstMap + map] ?? 0;
                sum += pixel * kernel![(((dy + 1) * 3 + dx + 1) * 2 + map) * 6 + output]!;
              }
            }
          }
          return sum;
        }),
      ),
    ),
  );
}

/** Even, odd and mixed sides; the windows over the edge are cut off there. */
function ceilPools(): LayerCase[] {
  const sides: [options: Omit<CeilPoolOptions, 'kind'>, height: number, width: number][] = [
    [{ size: 3, stride: 2 }, 6, 6],
    [{ size: 3, stride: 2 }, 5, 7],
    [{ size: 3, stride: 2 }, 6, 5],
    [{ size: 3, stride: 2 }, 2, 1],
    [{ size: 2, stride: 2 }, 5, 4],
    [{ size: 5, stride: 3 }, 9, 7],
  ];
  return (['max', 'average'] as const).flatMap((kind) =>
    sides.map(([options, height, width]) => ({
      make: () => new CeilPool({ kind, ...options }),
      of: `${kind} of ${options.size}×${options.size} on ${height}×${width}`,
      inputShape: [height, width, 2],
      naive: (input) => input.flatMap((image) => naiveCeilPool(image, kind, options)),
      apart: kind === 'max',
    })),
  );
}

function naiveCeilPool(
  image: number[][][],
  kind: 'max' | 'average',
  { size, stride }: { size: number; stride: number },
): number[] {
  const starts = (side: number) => {
    const found = [0]; // one more window as long as the last leaves a row over
    while (found.at(-1)! + size < side) found.push(found.at(-1)! + stride);
    return found;
  };
  return starts(image.length).flatMap((top) =>
    starts(image[0]!.length).flatMap((left) =>
      range(image[0]![0]!.length).map((map) => {
        const window = image
          .slice(top, top + size)
          .flatMap((line) => line.slice(left, left + size).map((maps) => maps[map]!));
        return kind === 'max'
          ? Math.max(...window)
          : window.reduce((sum, value) => sum + value, 0) / window.length;
      }),
    ),
  );
}
