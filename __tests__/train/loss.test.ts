import type { Loss } from '../../src/core/network';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { meanLoss } from '../../src/train/loss';
import { bestClasses } from '../../src/evaluate/scores/ranking';
import { onEveryBackend } from '../support/fixtures';

const scores = [
  [0.5, 2, 7],
  [3, 1, 4],
];
const labels = [2, 0];

/** Each criterion in double precision, as its formula stands. */
const formulas: { loss: Loss; value: number }[] = [
  { loss: { kind: 'rbfPenalty', rival: null }, value: (7 + 3) / 2 },
  {
    loss: { kind: 'rbfPenalty', rival: 0.1 },
    value:
      (7 +
        Math.log(Math.exp(-0.1) + Math.exp(-0.5) + Math.exp(-2) + Math.exp(-7)) +
        3 +
        Math.log(Math.exp(-0.1) + Math.exp(-3) + Math.exp(-1) + Math.exp(-4))) /
      2,
  },
  {
    loss: { kind: 'softmaxCrossEntropy' },
    value:
      (-Math.log(Math.exp(7) / (Math.exp(0.5) + Math.exp(2) + Math.exp(7))) -
        Math.log(Math.exp(3) / (Math.exp(3) + Math.exp(1) + Math.exp(4)))) /
      2,
  },
  {
    // The labels are 2 and 0.
    loss: { kind: 'softmaxCrossEntropy', classWeights: [0.5, 1, 3] },
    value:
      (-3 * Math.log(Math.exp(7) / (Math.exp(0.5) + Math.exp(2) + Math.exp(7))) -
        0.5 * Math.log(Math.exp(3) / (Math.exp(3) + Math.exp(1) + Math.exp(4)))) /
      2,
  },
  {
    loss: { kind: 'squaredError', on: 1, off: -1 },
    value: ((1.5 ** 2 + 3 ** 2 + 6 ** 2) / 2 + (2 ** 2 + 2 ** 2 + 5 ** 2) / 2) / 2,
  },
];

const lossOf = (loss: Loss, at: tf.Tensor2D) => meanLoss(loss, at, tf.tensor1d(labels, 'int32'));

it.each(formulas)('$loss.kind ($loss.rival) has the value of its formula', ({ loss, value }) =>
  onEveryBackend(async () => {
    expect((await lossOf(loss, tf.tensor2d(scores)).data())[0]).toBeCloseTo(value, 5);
  }),
);

it.each(formulas)('$loss.kind ($loss.rival) has the gradient that finite differences give', ({ loss }) =>
  onEveryBackend(async () => {
    const gradient = (await tf
      .grad((at: tf.Tensor) => lossOf(loss, at as tf.Tensor2D))(tf.tensor2d(scores))
      .array()) as number[][];
    const shifted = (row: number, column: number, by: number) => {
      const at = scores.map((values, r) =>
        values.map((score, c) => (r === row && c === column ? score + by : score)),
      );
      return lossOf(loss, tf.tensor2d(at)).dataSync()[0]!;
    };
    for (const row of [0, 1]) {
      for (const column of [0, 1, 2]) {
        const numeric = (shifted(row, column, 0.05) - shifted(row, column, -0.05)) / 0.1;
        expect(gradient[row]![column]).toBeCloseTo(numeric, 2);
      }
    }
  }),
);

it('eq. 9 stays finite for distances whose exponential underflows', async () => {
  await useBackend();
  const far = tf.tensor2d([
    [900, 800, 1000],
    [700, 900, 950],
  ]);
  // Nothing but e^−j is left of the sum: y_correct − j.
  expect((await lossOf({ kind: 'rbfPenalty', rival: 2 }, far).data())[0]).toBeCloseTo(
    (1000 + 700) / 2 - 2,
    3,
  );
});

it('ranks the least penalty first, but the largest logit and activation', () => {
  const best = (loss: Loss) => scores.map((row) => bestClasses(loss, Float32Array.from(row), 2));
  expect(best({ kind: 'rbfPenalty', rival: 1 })).toEqual([
    [0, 1],
    [1, 0],
  ]);
  expect(best({ kind: 'softmaxCrossEntropy' })).toEqual([
    [2, 1],
    [2, 0],
  ]);
  expect(best({ kind: 'squaredError', on: 1, off: -1 })).toEqual([
    [2, 1],
    [2, 0],
  ]);
});
