import { zoo } from '../../models/registry';
import { UserError } from '../../src/core/errors';
import { overridden } from '../../src/core/recipe/overrides';
import { afterEpoch, rateAt, stretched, warmedRate, type Plateau } from '../../src/train/schedule';
import type { Schedule } from '../../src/core/network';

const { recipe } = zoo.lenet5;

it('overrides a field, a nested field and a whole union', () => {
  expect(overridden(recipe, ['batchSize=64']).batchSize).toBe(64);
  expect(overridden(recipe, ['schedule.from=0.01']).schedule).toEqual({ kind: 'cosine', from: 0.01, to: 0 });
  expect(overridden(recipe, ['schedule={"kind":"constant","rate":0.1}']).schedule).toEqual({
    kind: 'constant',
    rate: 0.1,
  });
  expect(overridden(recipe, ['loss.rival=null']).loss).toEqual({ kind: 'rbfPenalty', rival: null });
  expect(overridden(recipe, ['averaging={"kind":"exponential","decay":0.99}']).averaging).toEqual({
    kind: 'exponential',
    decay: 0.99,
  });
  expect(recipe.batchSize).toBe(32);
});

it.each([
  ['batch=64', /unknown field batch; a recipe has input, epochs, batchSize/],
  ['schedule.rate=1', /unknown field schedule.rate; its parent has kind, from, to/],
  ['batchSize.x=1', /unknown field batchSize.x; its parent has none/],
  ['batchSize=many', /batchSize: invalid input: expected number, received string/],
  ['batchSize=0', /batchSize: too small/],
  ['batchSize=1.5', /batchSize: .*int/],
  ['epochs=1e999', /epochs: .*Infinity|epochs: .*string/],
  ['optimiser.momentum=1', /optimiser.momentum: too big: expected number to be <1/],
  ['schedule.from=-0.1', /schedule.from: too small/],
  ['schedule.kind=linear', /expected 'constant' \| 'steps' \| 'cosine'/i],
  ['schedule={"kind":"steps","steps":[{"epoch":3,"rate":1}]}', /epochs that start at 0 and rise/],
  ['guesses={}', /unknown field guesses/],
  ['batchSize', /expected FIELD=VALUE, found batchSize/],
  ['__proto__.x=1', /unknown field __proto__/],
])('refuses %s in one line that names what is valid', (assignment, message) => {
  const attempt = () => overridden(recipe, [assignment]);
  expect(attempt).toThrow(UserError);
  expect(attempt).toThrow(message);
  expect(attempt).not.toThrow(/\n/);
});

/** So many of ten epochs done, with 300 updates each. */
const at = (done: number) => ({ step: 300 * done, stepsPerEpoch: 300, epochs: 10 });

it('holds a constant rate, steps down at its epochs and falls along half a cosine', () => {
  const steps: Schedule = {
    kind: 'steps',
    steps: [
      { epoch: 0, rate: 5 },
      { epoch: 2, rate: 2 },
      { epoch: 5, rate: 1 },
    ],
  };
  expect(rateAt({ kind: 'constant', rate: 3 }, at(7.5))).toBe(3);
  expect([0, 1.99, 2, 4.9, 5, 9].map((done) => rateAt(steps, at(done)))).toEqual([5, 5, 2, 2, 1, 1]);
  const cosine: Schedule = { kind: 'cosine', from: 0.4, to: 0 };
  // cos 60° = 1/2, so that after a third of the way three quarters of the rate are left.
  expect([0, 10 / 3, 5, 10].map((done) => rateAt(cosine, at(done)))).toEqual([
    0.4,
    expect.closeTo(0.3, 10),
    expect.closeTo(0.2, 10),
    expect.closeTo(0, 10),
  ]);
});

it('stretches steps with the epochs', () => {
  const schedule: Schedule = {
    kind: 'steps',
    steps: [
      { epoch: 0, rate: 1 },
      { epoch: 10, rate: 0.1 },
    ],
  };
  const longer = stretched({ ...recipe, schedule }, 30);
  expect(longer.epochs).toBe(30);
  expect(longer.schedule).toEqual({
    kind: 'steps',
    steps: [
      { epoch: 0, rate: 1 },
      { epoch: 15, rate: 0.1 },
    ],
  });
});

it('falls as a power, by stairs, and as Caffe’s "inv"', () => {
  expect(rateAt({ kind: 'polynomial', from: 0.01, power: 0.5 }, at(7.5))).toBeCloseTo(
    0.01 * Math.sqrt(0.25),
    12,
  );
  const staircase: Schedule = { kind: 'staircase', from: 1, factor: 0.96, epochs: 2 };
  expect([0, 1.9, 2, 9].map((done) => rateAt(staircase, at(done)))).toEqual([1, 1, 0.96, 0.96 ** 4]);
  // Caffe's LeNet after 3,000 of its iterations: 0.01 · 1.3^−0.75.
  expect(rateAt({ kind: 'inverse', from: 0.01, gamma: 1e-4, power: 0.75 }, at(10))).toBeCloseTo(0.008214, 6);
});

it('lowers a plateau’s rate when the error has not fallen for some epochs, so many times at most', () => {
  const plateau: Schedule = { kind: 'plateau', from: 1, factor: 0.1, patience: 2, drops: 2 };
  const errors = [0.5, 0.4, 0.4, 0.41, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3];
  let memory: Plateau | null = null;
  const rates = errors.map((error) => {
    memory = afterEpoch(plateau, memory, error);
    return rateAt(plateau, { ...at(1), drops: memory!.drops });
  });
  const once = expect.closeTo(0.1, 12) as number;
  const twice = expect.closeTo(0.01, 12) as number;
  expect(rates).toEqual([1, 1, 1, once, once, once, twice, twice, twice, twice]);
});

it('warms up by updates to the rate of the schedule, which goes on below it, and stretches with the epochs', () => {
  const cosine = { kind: 'cosine', from: 0.4, to: 0 } as const;
  const warmUp = { epochs: 2.5, from: 0.2 };
  const rates = [0, 5, 10, 24, 25, 60].map((step) => {
    const at = { step, stepsPerEpoch: 10, epochs: 10 };
    return { own: rateAt(cosine, at), warmed: warmedRate({ schedule: cosine, warmUp }, at) };
  });
  // 0.2 + 0.8 · step / 25
  const factors = [0.2, 0.36, 0.52, 0.968, 1, 1];
  rates.forEach(({ own, warmed }, at) => expect(warmed).toBeCloseTo(factors[at]! * own, 12));
  const recipe = { ...zoo.lenet5.recipe, epochs: 10, schedule: cosine, warmUp };
  expect(stretched(recipe, 4)).toMatchObject({ epochs: 4, warmUp: { epochs: 1, from: 0.2 } });
});
