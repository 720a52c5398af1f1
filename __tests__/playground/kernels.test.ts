import { openTrained } from '../../index';
import { tf } from '../../src/core/tf';
import { seededRandom } from '../../src/core/random';
import { layerGraph } from '../../src/describe/layers/layer-graph';
import { activationsOf } from '../../src/describe/units/activations';
import { CeilPool } from '../../src/layers/ceil-pool';
import { Lrn } from '../../src/layers/lrn';
import { neighboursOf, normalisedPlane, ofThePaper } from '../../playground/kernels/activations/normalise';
import { histogramOf, squashedPlane } from '../../playground/kernels/activations/squash';
import { squashingNames } from '../../playground/model/squashing';
import {
  bordersOf,
  correlated,
  padded,
  positions,
  sizeFormula,
  type Padding,
} from '../../playground/kernels/bench/correlate';
import { kernelOfText, kernelsOf, kernelText, resized, turned } from '../../playground/kernels/bench/kernels';
import { benchResult, benchSetting } from '../../playground/kernels/bench/result';
import { firstLayerOf } from '../../playground/kernels/first-layer';
import { planeOf, planeOfOutput, type Plane } from '../../playground/kernels/plane';
import { poolResult, poolSetting, trainedMap } from '../../playground/kernels/pooling/choice';
import { changeOf, pooled, shifted, winnerOf } from '../../playground/kernels/pooling/pool';
import { unitIn, usualSettings } from '../../playground/kernels/settings';
import { naiveCorrelation, type Naive } from '../support/pages/naive-correlation';

const noise = (height: number, width: number, seed = 1): Plane => {
  const random = seededRandom(seed);
  return planeOf(height, width, () => random.uniform(-1, 1));
};
const apart = (one: ArrayLike<number>, other: ArrayLike<number>) => {
  expect(one.length).toBe(other.length);
  return Array.from(one).reduce((most, value, at) => Math.max(most, Math.abs(value - other[at]!)), 0);
};
const asTensor = ({ height, width, values }: Plane) => tf.tensor4d(values, [1, height, width, 1]);
const outer = (down: readonly number[], across: readonly number[]) =>
  down.flatMap((one) => across.map((other) => one * other));

describe('kernels', () => {
  it('are those of the literature', () => {
    expect(kernelsOf('sobelX', 3, 1)[0]!.weights).toEqual([-1, 0, 1, -2, 0, 2, -1, 0, 1]);
    expect(kernelsOf('sobelY', 3, 1)[0]!.weights).toEqual([-1, -2, -1, 0, 0, 0, 1, 2, 1]);
    expect(kernelsOf('prewittX', 3, 1)[0]!.weights).toEqual([-1, 0, 1, -1, 0, 1, -1, 0, 1]);
    expect(kernelsOf('sobelMagnitude', 3, 1)).toEqual([
      kernelsOf('sobelX', 3, 1)[0],
      kernelsOf('sobelY', 3, 1)[0],
    ]);
    // OpenCV: getDerivKernels(1, 0, 5) and (1, 0, 7)
    expect(kernelsOf('sobelX', 5, 1)[0]!.weights).toEqual(outer([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1]));
    expect(kernelsOf('sobelX', 7, 1)[0]!.weights).toEqual(
      outer([1, 6, 15, 20, 15, 6, 1], [-1, -4, -5, 0, 5, 4, 1]),
    );
  });

  it('of smoothing leave a flat picture as it is, and the Gaussian falls as its formula', () => {
    for (const name of ['box', 'gaussian', 'sharpen', 'identity', 'emboss'] as const)
      for (const size of [3, 11]) {
        const sum = Array.from(kernelsOf(name, size, 1.5)[0]!.weights).reduce((one, other) => one + other);
        expect(sum).toBeCloseTo(1, 12);
      }
    const { weights } = kernelsOf('gaussian', 5, 1.5)[0]!;
    expect(weights[0]! / weights[12]!).toBeCloseTo(Math.exp(-(4 + 4) / 4.5), 12); // two down, two across
  });

  it('of one’s own are text in the address, keep their middle when they grow, and are refused if they are none', () => {
    const kernel = { size: 2, weights: [1, -2.5, 1e-7, 4] };
    expect(kernelOfText(kernelText(kernel))).toEqual(kernel);
    for (const text of ['', '1,2', '1,,2,3', 'a,b,c,d', '1,2,3,Infinity', Array(144).fill('1').join(',')])
      expect(kernelOfText(text)).toBeUndefined();
    const sobel = kernelsOf('sobelX', 3, 1)[0]!;
    const grown = resized(sobel, 5);
    expect(grown.weights).toEqual([...Array<number>(5).fill(0), 0, -1, 0, 1, 0, 0, -2, 0, 2, 0, 0, -1, 0, 1, 0, ...Array<number>(5).fill(0)]); // prettier-ignore
    expect(resized(grown, 3)).toEqual(sobel);
  });
});

describe('the bench', () => {
  const paddings: readonly Padding[] = ['valid', 'same', 1, 4];

  it('computes what a naive loop and TensorFlow compute, at all strides, paddings and sizes', () => {
    const plane = noise(13, 17);
    for (const size of [1, 2, 3, 5, 11])
      for (const stride of [1, 2, 3, 4])
        for (const padding of paddings) {
          const kernel = { size, weights: noise(size, size, size).values };
          const all = padded(plane, bordersOf(padding, plane, size, stride), 0);
          const found = correlated(all, kernel, stride)!;
          const naive: Naive = { ...plane, kernel: kernel.weights, size, stride, padding, border: 0 };
          const expected = tf.tidy(() =>
            tf
              .conv2d(
                asTensor(plane),
                tf.tensor4d(kernel.weights, [size, size, 1, 1]),
                stride,
                padding as 'valid',
                'NHWC',
                1,
                typeof padding === 'number' ? 'floor' : undefined,
              ) // prettier-ignore
              .dataSync(),
          );
          expect(apart(found.values, naiveCorrelation(naive))).toBeLessThan(1e-6);
          expect(apart(found.values, expected)).toBeLessThan(1e-5);
        }
  });

  it('fills its padding with the value that is set, and has no output where the kernel does not fit', () => {
    const [plane, { weights }] = [noise(6, 9), kernelsOf('emboss', 3, 1)[0]!];
    const all = padded(plane, bordersOf(2, plane, 3, 2), -1);
    const naive: Naive = { ...plane, kernel: weights, size: 3, stride: 2, padding: 2, border: -1 };
    expect(apart(correlated(all, { size: 3, weights }, 2)!.values, naiveCorrelation(naive))).toBeLessThan(
      1e-6,
    );
    expect(correlated(plane, kernelsOf('box', 7, 1)[0]!, 1)).toBeNull();
  });

  it('with a turned kernel computes the convolution of mathematics, Σ x[r − i, c − j] w[i, j]', () => {
    const [plane, kernel] = [noise(8, 8), { size: 3, weights: noise(3, 3, 7).values }];
    const found = correlated(plane, turned(kernel), 1)!;
    for (const [row, column] of [
      [2, 2],
      [5, 7],
    ] as const) {
      // prettier-ignore
      let sum = 0;
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 3; j++)
          sum += plane.values[(row - i) * 8 + column - j]! * kernel.weights[i * 3 + j]!;
      expect(found.values[(row - 2) * 6 + column - 2]).toBeCloseTo(sum, 6);
    }
  });

  it('counts positions as one counts them by hand, and writes the formula with its numbers', () => {
    for (let side = 5; side < 14; side++)
      for (const size of [2, 3, 5])
        for (const stride of [1, 2, 3]) {
          let count = 0;
          while (count * stride + size <= side) count++;
          expect(positions(side, 0, size, stride)).toBe(count);
          if (stride > size) continue;
          const layer = new CeilPool({ kind: 'max', size, stride });
          const [, rows] = layer.computeOutputShape([1, side, side, 1]);
          expect(positions(side, 0, size, stride, 'ceil')).toBe(rows);
        }
    expect(sizeFormula(28, [1, 1], 3, 2, 'floor')).toBe('⌊(28 + 2·1 − 3) / 2⌋ + 1 = 14');
    expect(sizeFormula(28, [0, 1], 3, 2, 'ceil')).toBe('⌈(28 + 0 + 1 − 3) / 2⌉ + 1 = 14');
    expect(sizeFormula(28, [1, 1], 3, 2, 'ceil')).toBe('⌈(28 + 2·1 − 3) / 2⌉ + 1 = 15');
  });

  it('takes the usual where an address says what there is not', () => {
    const odd = { kernel: 'trained.9', size: '4', stride: '0', padding: '-2', border: 'x', sigma: '-1' };
    expect(benchSetting({ ...usualSettings, ...odd }, undefined)).toMatchObject({
      choice: { kind: 'named', name: 'sobelX', size: 3, sigma: 1 },
      ...{ stride: 1, padding: 'valid', border: 0, turned: false },
    });
    const own = benchSetting({ ...usualSettings, kernel: 'own', own: '1,2,3' }, undefined);
    expect(own.kernels).toEqual(kernelsOf('identity', 3, 1));
    expect([unitIn('2.3', { height: 3, width: 4 }), unitIn('2.4', { height: 3, width: 4 })]).toEqual([
      [2, 3],
      null,
    ]);
    for (const text of ['', '1', '1.2.3', '-1.0', 'a.b'])
      expect(unitIn(text, { height: 9, width: 9 })).toBeNull();
  });
});

describe('pooling', () => {
  const { maximum, mean } = { maximum: 'maximum', mean: 'mean' } as const;

  it('is that of the project’s layers and of TensorFlow, with windows left out or hanging over', () => {
    for (const side of [8, 9, 11])
      for (const size of [2, 3])
        for (const kind of [maximum, mean]) {
          const plane = noise(side, side + 1, side);
          const layer = new CeilPool({ kind: kind === 'mean' ? 'average' : 'max', size, stride: 2 });
          const [ceil, floor] = tf.tidy(() => {
            const input = asTensor(plane);
            const pool = kind === 'mean' ? tf.avgPool : tf.maxPool;
            return [layer.call(input).dataSync(), pool(input, size, 2, 'valid').dataSync()];
          });
          expect(
            apart(pooled(plane, { of: kind, size, stride: 2, rounding: 'ceil' })!.values, ceil),
          ).toBeLessThan(1e-6);
          expect(
            apart(pooled(plane, { of: kind, size, stride: 2, rounding: 'floor' })!.values, floor),
          ).toBeLessThan(1e-6);
        }
    expect(winnerOf([1, 3, 3, 2])).toBe(1);
  });

  it('of a dot that moves by a pixel changes nothing within a window, and all of it across windows', () => {
    const dot = (at: number) => planeOf(4, 4, (row, column) => (row === 1 && column === at ? 1 : 0));
    const pooling = { of: maximum, size: 2, stride: 2, rounding: 'floor' } as const;
    const change = (from: Plane) =>
      changeOf(pooled(from, pooling)!, pooled(shifted(from, 'right'), pooling)!);
    expect(shifted(dot(0), 'down').values[2 * 4]).toBe(1);
    expect(change(dot(2))).toEqual({ share: 0, largest: 0, mean: 0 });
    expect(change(dot(1))).toEqual({ share: 2 / 4, largest: 1, mean: 2 / 4 });
    expect(changeOf(dot(1), shifted(dot(1), 'left'))).toEqual({ share: 2 / 16, largest: 1, mean: 2 / 16 });
    expect(shifted(dot(3), 'left').values.subarray(4, 8)).toEqual(Float32Array.of(0, 0, 1, 1)); // the edge is repeated
  });
});

describe('activation functions', () => {
  it('are TensorFlow’s, and the histogram counts every value once', () => {
    const plane = noise(20, 20);
    plane.values.forEach((value, at) => (plane.values[at] = 4 * value));
    const expected = tf.tidy(() => {
      const a = asTensor(plane);
      return [a.sigmoid(), a.tanh(), a.mul(2 / 3).tanh().mul(1.7159), a.relu()].map((each) => each.dataSync()); // prettier-ignore
    });
    squashingNames.forEach((name, at) =>
      expect(apart(squashedPlane(plane, name).values, expected[at]!)).toBeLessThan(1e-6),
    );
    expect(histogramOf([0, 0.5, 1, 1.5, 2, 2, 1.99], 4)).toEqual({ least: 0, most: 2, counts: [1, 1, 1, 4] });
    expect(histogramOf([3, 3, 3], 2).counts).toEqual([3, 0]);
    expect(histogramOf(plane.values).counts.reduce((sum, count) => sum + count)).toBe(400);
  });

  it('are normalised across maps as the project’s layer does', () => {
    const { values } = noise(4, 3 * 7);
    const constants = [
      ofThePaper,
      { k: 1, n: 3, alpha: 0.5, beta: 0.6 },
      { k: 0.1, n: 13, alpha: 2, beta: 1 },
    ];
    for (const { n, ...constant } of constants) {
      const layer = new Lrn({ size: n, ...constant });
      const expected = tf.tidy(() => layer.call(tf.tensor4d(values, [1, 4, 3, 7])).dataSync<'float32'>());
      for (const map of [0, 3, 6]) {
        const found = normalisedPlane({ shape: [4, 3, 7], values }, map, { n, ...constant });
        const own = planeOfOutput({ shape: [4, 3, 7], values: expected }, map)!;
        expect(apart(found.values, own.values)).toBeLessThan(1e-6);
      }
    }
    expect([neighboursOf(0, 7, 5), neighboursOf(3, 7, 5)]).toEqual([[0, 1, 2], [1, 2, 3, 4, 5]]); // prettier-ignore
  });
});

describe('the first layers of a network', () => {
  it.each(['lenet5', 'lenet1', 'lecun1989'] as const)(
    'of %s are recomputed from their weights',
    async (name) => {
      const { model } = await openTrained(name);
      const side = model.inputs[0]!.shape[1]!;
      const image = noise(side, side).values;
      const outputs = await activationsOf(model).of(image);
      const layer = (await firstLayerOf(layerGraph(model)))!;
      const input = planeOfOutput(outputs.get(layer.reads), 0)!;
      const { stride, padding, border, subsampling } = layer;
      for (let map = 0; map < layer.maps; map++) {
        const geometry = { stride: String(stride), padding: String(padding), border: String(border) };
        const setting = benchSetting({ ...usualSettings, ...geometry, kernel: `trained.${map}` }, layer);
        const sums = benchResult(input, setting, layer).output!;
        const own = (of: string) => planeOfOutput(outputs.get(of), map)!;
        expect(apart(sums.values, own(layer.name).values)).toBeLessThan(1e-5);
        const squashed = squashedPlane(sums, layer.squashing!);
        expect(apart(squashed.values, own(layer.squashed).values)).toBeLessThan(1e-5);
        const trained = trainedMap(subsampling, map, true);
        expect(trained === undefined).toBe(name === 'lecun1989');
        if (!trained) continue;
        const pooling = poolSetting({ ...usualSettings, 'pool.kind': 'trained' }, trained, subsampling!.size);
        const result = poolResult(own(layer.squashed), pooling)!;
        expect(apart(result.values, own(subsampling!.squashed).values)).toBeLessThan(1e-5);
      }
      model.dispose();
    },
  );
});
