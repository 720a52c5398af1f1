/** What the part `backwards` computes, beside formulas, naive loops and differences. */
import { zoo } from '../../models/registry';
import { backwardOf, lossRecipe, type Backward, type Teachable } from '../../playground/backwards/backward';
import { weightSlices } from '../../playground/model/kernel-slices';
import { shownWeights } from '../../playground/backwards/layers/chosen-weight';
import { lossTerms } from '../../playground/backwards/loss/loss-terms';
import { greyValues, inputRange, plainInput } from '../../playground/backwards/picture/input-range';
import { occludedScores } from '../../playground/backwards/picture/occlusion';
import { descended, towards } from '../../playground/backwards/picture/turning';
import { movedCopy, squaredNorm, weightCount } from '../../playground/backwards/update/update-step';
import { openedModel, seenBy } from '../../playground/model/opened';
import {
  drawnMap,
  hasUnit,
  layoutOf,
  namedUnit,
  placeIn,
  unitAt,
  unitText,
} from '../../playground/model/units';
import type { PageTrained } from '../../browser';
import type { Loss } from '../../src/core/network';
import { seededRandom } from '../../src/core/random';
import { tf } from '../../src/core/tf';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { preprocess } from '../../src/data/preprocess/preprocess';
import { backwardPass } from '../../src/describe/gradients/backward-pass';
import { totalLoss } from '../../src/train/loss';
import type { TrainedModel } from '../../src/weights/trained-model';
import { openTrained } from '../../verbs';

const { test: digits } = drawDigits({ seed: 7, train: 1, test: 12 });

type Model = TrainedModel & Teachable;

async function opened(name: 'lenet5' | 'lenet1' | 'lecun1989'): Promise<Model> {
  return { ...(await openTrained(name)), builder: zoo[name] };
}

let lenet5: Model;
let lenet1: Model;
let pixels: Uint8Array;
let input: Float32Array;
let there: Backward;
const target = 8;

const shapeOf = ({ model }: Teachable) => model.inputs[0]!.shape.slice(1) as [number, number, number];

/** The loss by the function that training uses. */
function lossAt(trained: Teachable, images: Float32Array, label = target): number {
  const found = tf.tidy(() =>
    totalLoss(
      trained.model,
      lossRecipe(trained),
      tf.tensor4d(images, [1, ...shapeOf(trained)]),
      tf.tensor1d([label], 'int32'),
    ).dataSync(),
  );
  return found[0]!;
}

beforeAll(async () => {
  [lenet5, lenet1] = [await opened('lenet5'), await opened('lenet1')];
  pixels = (await digits.pixels(Int32Array.of(digits.labels.indexOf(3)))).slice();
  input = preprocess(pixels, 1, [28, 28, 1], lenet5.recipe.input.preprocess).values;
  there = await backwardOf(lenet5, input, target);
});

afterAll(() => [lenet5, lenet1].forEach(({ model }) => model.dispose()));

const losses: { readonly loss: Loss; readonly formula: (scores: readonly number[], at: number) => number }[] =
  [
    { loss: { kind: 'rbfPenalty', rival: null }, formula: (y, at) => y[at]! },
    {
      loss: { kind: 'rbfPenalty', rival: 2 },
      // Eq. 9 with the target's term taken out of the logarithm.
      formula: (y, at) =>
        Math.log(Math.exp(y[at]! - 2) + y.reduce((sum, other) => sum + Math.exp(y[at]! - other), 0)),
    },
    {
      loss: { kind: 'squaredError', on: 1, off: -1 },
      formula: (s, at) => s.reduce((sum, x) => sum + (x + 1) ** 2 / 2, 0) - 2 * s[at]!,
    },
    {
      loss: { kind: 'softmaxCrossEntropy' },
      formula: (z, at) => Math.log(z.reduce((sum, x) => sum + Math.exp(x - z[at]!), 0)),
    },
    {
      loss: { kind: 'softmaxCrossEntropy', classWeights: [1, 2, 0.5, 1] },
      formula: (z, at) =>
        [1, 2, 0.5, 1][at]! * -Math.log(Math.exp(z[at]!) / z.reduce((sum, x) => sum + Math.exp(x), 0)),
    },
  ];

it.each(losses)(
  'the terms of $loss.kind add up to training’s loss, and to its formula',
  ({ loss, formula }) => {
    const scores = [0.3, 2.5, 1.1, 4.2];
    for (const at of scores.keys()) {
      const terms = lossTerms(loss, scores, at);
      const trained = tf.tidy(() => {
        const model = tf.sequential({
          layers: [tf.layers.reshape({ targetShape: [4], inputShape: [2, 2, 1] })],
        });
        return totalLoss(
          model,
          { loss },
          tf.tensor4d(scores, [1, 2, 2, 1]),
          tf.tensor1d([at], 'int32'),
        ).dataSync()[0]!;
      });
      expect(terms.loss).toBeCloseTo(trained, 5);
      expect(terms.loss).toBeCloseTo(formula(scores, at), 10);
    }
  },
);

it('loses nothing of large distances and scores', () => {
  const far = lossTerms({ kind: 'rbfPenalty', rival: 900 }, [1000, 2000], 1);
  expect(far.loss).toBeCloseTo(2000 - 900, 6);
  expect(lossTerms({ kind: 'softmaxCrossEntropy' }, [1000, 0], 1).loss).toBeCloseTo(1000, 6);
});

it('sends back what the command check-gradients checks, and keeps no tensor', async () => {
  const before = tf.memory().numTensors;
  const found = await backwardOf(lenet5, input, target);
  expect(tf.memory().numTensors).toBe(before);
  const images = tf.tensor4d(input, [1, 32, 32, 1]);
  const labels = tf.tensor1d([target], 'int32');
  const pass = await backwardPass({ model: lenet5.model, images, labels }, lossRecipe(lenet5));
  expect(found.loss).toBe(pass.loss);
  expect(found.layers.map(({ layer }) => layer.name)).toEqual(pass.layers.map(({ layer }) => layer.name));
  pass.layers.forEach(({ outputSlope, weights }, at) => {
    expect(found.layers[at]!.output.values).toEqual(outputSlope.dataSync());
    weights.forEach(({ slope }, each) =>
      expect(found.layers[at]!.weights[each]!.slopes).toEqual(slope.dataSync()),
    );
  });
  expect(found.image.values).toEqual(pass.layers[0]!.inputs[0]!.slope.dataSync());
  pass.dispose();
  tf.dispose([images, labels]);
});

it('gives derivatives with respect to the picture that central differences give', async () => {
  const found = await towards(lenet5, input, target);
  expect(found.loss).toBeCloseTo(there.loss, 4);
  const largest = Math.max(...there.image.values.map(Math.abs));
  const step = 0.01;
  const random = seededRandom(3);
  const places = [
    there.image.values.indexOf(largest),
    ...Array.from({ length: 12 }, () => random.integer(1024)),
  ];
  for (const place of places.filter((each) => each >= 0)) {
    const shifted = (by: number) => lossAt(lenet5, input.with(place, input[place]! + by));
    const difference = (shifted(step) - shifted(-step)) / (2 * step);
    expect(Math.abs(there.image.values[place]! - difference) / largest).toBeLessThan(0.01);
    expect(Math.abs(found.slope[place]! - there.image.values[place]!) / largest).toBeLessThan(1e-5);
  }
});

it('lays out kernels so that their sums over the maps that they read are the layer’s own', async () => {
  for (const [trained, layers] of [
    [lenet5, ['C1', 'C3', 'C5', 'F6']],
    [lenet1, ['H1', 'H3', 'output']],
  ] as const) {
    const model = openedModel('it', trained as unknown as PageTrained);
    const own =
      trained === lenet5
        ? input
        : input.filter((_, at) => at % 32 > 1 && at % 32 < 30 && at >> 5 > 1 && at >> 5 < 30);
    const { outputs } = await seenBy(model, own);
    const { layers: slopes } = await backwardOf(trained, own, target);
    for (const name of layers) {
      const node = model.graph.find((each) => each.name === name)!;
      const { weights } = slopes.find(({ layer }) => layer.name === name)!;
      let below = node.inputs[0]!;
      if (below.layer.getClassName() === 'Flatten') below = below.inputs[0]!;
      const [read, sums] = [outputs.get(below.name)!, outputs.get(name)!];
      const isMap = read.shape.length === 3;
      for (const output of [0, 5, 9].filter((each) => each < sums.shape.at(-1)!)) {
        const [row, column] = sums.shape.length === 3 && sums.shape[0]! > 1 ? [3, 2] : [0, 0];
        let sum = 0;
        for (const { tensor, reads, height, width, places } of weightSlices(node, weights, output)) {
          const { values } = weights.find((each) => each.name === tensor)!;
          for (let at = 0; at < height * width; at++) {
            if (places[at]! < 0) continue;
            const [line, place] = [Math.floor(at / width) + row, (at % width) + column];
            const x =
              tensor === 'bias'
                ? 1
                : isMap && reads !== null
                  ? read.values[(line * read.shape[1]! + place) * read.shape[2]! + reads]!
                  : read.values[at]!;
            sum += values[places[at]!]! * x;
          }
        }
        const at =
          sums.shape.length === 3 ? (row * sums.shape[1]! + column) * sums.shape[2]! + output : output;
        expect(sum).toBeCloseTo(sums.values[at]!, 3);
      }
    }
  }
});

it('chooses the weight that the address says, else the kernel’s steepest', () => {
  const model = openedModel('lenet5', lenet5 as unknown as PageTrained);
  const usual = shownWeights(model, there, {});
  expect(usual.slopes.layer.name).toBe('C1');
  expect(usual.shown.map(({ output }) => output)).toEqual([0, 1, 2, 3, 4, 5]);
  const { tensor, place } = usual.chosen;
  expect(tensor.name).toBe('kernel');
  expect(Math.abs(tensor.slopes[place]!)).toBe(Math.max(...tensor.slopes.map(Math.abs)));
  const said = { 'backwards.layer': 'C3', 'backwards.map': '15', 'backwards.weight': 'bias.15' };
  const c3 = shownWeights(model, there, said);
  // Table I of LeCun et al. 1998: the last map reads all six.
  expect(c3.shown[0]!.slices.map(({ reads }) => reads)).toEqual([0, 1, 2, 3, 4, 5, null]);
  expect([c3.chosen.tensor.name, c3.chosen.place]).toEqual(['bias', 15]);
});

it('draws maps as they are and vectors in rows, and finds each unit again', () => {
  const count = (_: unknown, at: number) => at;
  const vector = layoutOf([84]);
  expect([vector.height, vector.width, vector.maps]).toEqual([12, 7, 1]);
  const place = placeIn(vector, [40]);
  const rows = drawnMap({ shape: [84], values: Float32Array.from({ length: 84 }, count) }, 0, vector);
  expect(rows[place.row * 7 + place.column]).toBe(40);
  expect(unitAt(vector, 0, place.row, place.column)).toEqual([40]);
  // C5 of LeNet-5 has 120 maps of 1×1; 23 units in rows of 5 leave two places empty.
  expect(unitAt(layoutOf([1, 1, 120]), 0, 3, 2)).toEqual([0, 0, 3 * layoutOf([120]).width + 2]);
  expect([layoutOf([23]).height, layoutOf([23]).width, unitAt(layoutOf([23]), 0, 4, 4)]).toEqual([
    5,
    5,
    [22],
  ]);
  const maps = layoutOf([2, 3, 2]);
  const output = { shape: maps.shape, values: Float32Array.from({ length: 12 }, count) };
  expect([0, 1].map((map) => [...drawnMap(output, map, maps)])).toEqual([
    [0, 2, 4, 6, 8, 10],
    [1, 3, 5, 7, 9, 11],
  ]);
  expect(placeIn(maps, unitAt(maps, 1, 1, 2))).toEqual({ map: 1, row: 1, column: 2 });
});

it('names units as the address does, and takes none that there is not', () => {
  expect(unitText('C3', [4, 5, 7])).toBe('C3.7.4.5');
  expect(namedUnit('C3.7.4.5')).toEqual({ layer: 'C3', unit: [4, 5, 7] });
  expect(namedUnit(unitText('F6', [40]))).toEqual({ layer: 'F6', unit: [40] });
  expect([namedUnit(''), namedUnit('C3')]).toEqual([undefined, undefined]);
  const isThere = (text: string) => hasUnit([10, 10, 16], namedUnit(text)!.unit);
  const asked = ['C3.15.9.9', 'C3.16.9.9', 'C3.15.10.9', 'C3.15.9', 'C3.15'];
  expect(asked.map(isThere)).toEqual([true, false, false, false, false]);
});

it('steps on a copy: the loss falls as its gradient says, and the model stays as it was', async () => {
  const held = lenet5.model.getWeights().map((weight) => weight.dataSync().slice());
  const before = tf.memory().numTensors;
  const copy = movedCopy(lenet5, input);
  expect(weightCount(there)).toBe(60_000);
  const rate = 1e-5;
  const { done, backward } = await copy.step(there, rate);
  const norm = there.layers
    .flatMap(({ weights }) => weights)
    .reduce((sum, { slopes }) => sum + tf.tidy(() => tf.tensor(slopes).square().sum().dataSync()[0]!), 0);
  expect(squaredNorm(there) / norm).toBeCloseTo(1, 4);
  expect(done.predicted).toBeCloseTo(-rate * norm, 3);
  expect((done.after - done.before) / done.predicted).toBeCloseTo(1, 1);
  expect(lossAt(copy.trained, input)).toBeCloseTo(done.after, 3);
  const [kernel, moved] = [there.layers[0]!.weights[0]!, backward.layers[0]!.weights[0]!];
  kernel.values.forEach((value, at) =>
    expect(moved.values[at]!).toBeCloseTo(value - rate * kernel.slopes[at]!, 6),
  );
  copy.dispose();
  expect(tf.memory().numTensors).toBe(before);
  lenet5.model.getWeights().forEach((weight, at) => expect(weight.dataSync()).toEqual(held[at]));
});

it('hides each part of the picture as a loop over places and pixels does', async () => {
  const cover = plainInput(lenet5, 128);
  const scores = await occludedScores(lenet5.model, { input, cover, side: 7 });
  expect(scores).toHaveLength(1024);
  for (const [row, column] of [
    [0, 0],
    [12, 15],
    [16, 20],
    [31, 10],
  ] as const) {
    const hidden = input.map((value, at) => {
      const [line, place] = [Math.floor(at / 32), at % 32];
      return Math.abs(line - row) <= 3 && Math.abs(place - column) <= 3 ? cover[at]! : value;
    });
    const expected = tf.tidy(() =>
      (lenet5.model.predict(tf.tensor4d(hidden, [1, 32, 32, 1])) as tf.Tensor).dataSync<'float32'>(),
    );
    scores[row * 32 + column]!.forEach((score, at) => expect(score).toBeCloseTo(expected[at]!, 2));
  }
  const control = new AbortController();
  control.abort(new Error('another choice'));
  const ended = occludedScores(lenet5.model, { input, cover, side: 7 }, { signal: control.signal });
  await expect(ended).rejects.toThrow('another choice');
});

it('turns a 3 into an 8 within the range of the pixels, and gives its 28×28 pixels back', async () => {
  const range = inputRange(lenet5);
  let now = await towards(lenet5, input, target);
  expect(now.scores.indexOf(Math.min(...now.scores))).toBe(3);
  const first = now.loss;
  for (let step = 0; step < 25; step++) now = await towards(lenet5, descended(now, 0.01, range), target);
  expect(now.loss).toBeLessThan(first / 10);
  expect(now.scores.indexOf(Math.min(...now.scores))).toBe(8);
  expect(Math.min(...now.input)).toBeGreaterThanOrEqual(Math.fround(-0.1));
  expect(Math.max(...now.input)).toBeLessThanOrEqual(Math.fround(1.175));
  const margin = (at: number) => at % 32 < 2 || at % 32 > 29 || at < 64 || at >= 960;
  now.input.forEach((value, at) => margin(at) && expect(value).toBe(Math.fround(-0.1)));

  const grey = greyValues(now.input, lenet5)!;
  const again = preprocess(grey, 1, [28, 28, 1], lenet5.recipe.input.preprocess).values;
  const half = (1.275 / 255) * 0.5001;
  again.forEach((value, at) => expect(Math.abs(value - now.input[at]!)).toBeLessThan(half));
  expect(greyValues(input, lenet5)).toEqual(Uint8Array.from(pixels));
});

it('gives no pixels back where the preparation cannot be undone', async () => {
  const zip = await opened('lecun1989');
  expect(greyValues(plainInput(zip, 100), zip)).toBeUndefined();
  zip.model.dispose();
  const steps = [{ kind: 'contrastNormalise', scale: 1 }] as const;
  const prepared = { recipe: { input: { shape: [28, 28, 1] as const, preprocess: steps } }, fitted: {} };
  expect(greyValues(new Float32Array(784), prepared)).toBeUndefined();
});
