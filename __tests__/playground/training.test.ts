/** What the part that trains computes apart from its page: recipes, curves, and when a training diverges. */
import { lenet5PatternByPattern } from '../../experiments/lenet5-pattern-by-pattern';
import { axisOf, pathOf, placeOn, ticksOf } from '../../playground/parts/curves/axis';
import {
  choicesOf,
  networks,
  recipeOf,
  rescheduled,
  rulesOf,
  usualChoices,
  type NetworkChoice,
} from '../../playground/training/choices';
import { divergenceWatch, watchedUpdates } from '../../playground/training/learning/divergence';
import { summedKernel } from '../../playground/training/learning/run';
import { afterReport, beginning, withRate } from '../../playground/training/state';
import { emptyTrace, recentMean, smoothed, traced } from '../../playground/training/trace';
import { recipeSchema } from '../../src/core/recipe/schema';
import { seededRandom } from '../../src/core/random';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { checkTraining } from '../../src/train/check-recipe';
import { rateAt } from '../../src/train/schedule';

const names = Object.keys(networks) as NetworkChoice[];
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('recipes of choices', () => {
  it('suit their networks, for each rule', () => {
    const { train: data } = drawDigits({ seed: 1, train: 20, test: 10 });
    for (const network of names)
      for (const rule of rulesOf(network)) {
        const recipe = recipeOf(usualChoices(network, rule));
        expect(recipeSchema.safeParse(recipe).error).toBeUndefined();
        expect(() =>
          checkTraining(network, networks[network], recipe, { data, set: new Set(), startsFrom: null }),
        ).not.toThrow();
      }
  });

  it('are the networks’ own but for the schedule and the end, where nothing is chosen', () => {
    for (const network of names) {
      const own = networks[network].recipe;
      const { schedule, epochs: _, ...others } = recipeOf(usualChoices(network));
      const { schedule: ownSchedule, epochs: __, ...ownOthers } = own;
      expect(others).toEqual(ownOthers);
      const at = { step: 0, stepsPerEpoch: 10, epochs: own.epochs };
      expect(rateAt(schedule, at)).toBe(rateAt(ownSchedule, at));
    }
  });

  it('have for the rule of 1998 what the reproduction of the paper’s experiment has', () => {
    const { schedule, ...expected } = lenet5PatternByPattern.changes;
    const found = recipeOf(usualChoices('lenet5', 'diagonalLevenbergMarquardt'));
    expect(found).toMatchObject(expected);
    expect(found.schedule).toEqual({ kind: 'constant', rate: schedule.steps[0].rate });
  });

  it('take rate, batch and j from the address, and put the usual in place of what cannot be', () => {
    const said: Readonly<Record<string, string>> = { network: 'lenet5', rate: '0.02', batch: '7', j: '0.5' };
    const choices = choicesOf((name) => said[name]);
    expect(recipeOf(choices)).toMatchObject({
      ...{ batchSize: 7, schedule: { kind: 'constant', rate: 0.02 } },
      loss: { kind: 'rbfPenalty', rival: 0.5 },
    });
    expect(recipeOf(choicesOf((name) => (name === 'j' ? 'none' : said[name]))).loss).toEqual({
      kind: 'rbfPenalty',
      rival: null,
    });
    for (const wrong of ['', 'x', '0', '-1', 'NaN', 'Infinity', '1e9'])
      expect(choicesOf((name) => (name === 'rate' ? wrong : undefined)).rate).toBe(0.001);
    expect(choicesOf((name) => (name === 'batch' ? '1.5' : undefined)).batchSize).toBe(32);
    const foreign = { network: 'neocognitron', rule: 'plain' };
    expect(choicesOf((name) => foreign[name as 'rule']).rule).toBe('winnerTakeAll');
  });

  it('tell the rates that were changed on the way as one schedule', () => {
    const first = rescheduled({ kind: 'constant', rate: 1 }, 0.3, 2);
    const second = rescheduled(rescheduled(first, 1.5, 3), 1.5, 4);
    const rates = [0, 2, 3, 14, 15, 40].map((step) => rateAt(second, { step, stepsPerEpoch: 10, epochs: 9 }));
    expect(rates).toEqual([1, 1, 2, 2, 4, 4]);
    expect(rescheduled({ kind: 'constant', rate: 1 }, 0, 5)).toEqual({ kind: 'constant', rate: 5 });
  });
});

describe('the curve of the losses', () => {
  it('keeps their mean however many there are, in bounded space', () => {
    const random = seededRandom(1);
    const losses = Array.from({ length: 5000 }, () => random.uniform(0, 9));
    let trace = emptyTrace;
    for (let at = 0; at < losses.length; at += 37) trace = traced(trace, losses.slice(at, at + 37), at);
    expect(trace.points.length).toBeLessThanOrEqual(600);
    let [from, worst] = [0, 0];
    for (const point of trace.points) {
      worst = Math.max(worst, Math.abs(point.mean - mean(losses.slice(from, point.update))));
      expect(point.count).toBe(point.update - from);
      from = point.update;
    }
    expect(from).toBe(5000);
    expect(worst).toBeLessThan(1e-12);
    expect(recentMean(trace)).toBeCloseTo(mean(losses.slice(-20)), 12);
  });

  it('is smoothed by the mean of the last twenty updates', () => {
    const losses = Array.from({ length: 100 }, (_, at) => Math.sin(at) + at);
    const found = smoothed(traced(emptyTrace, losses, 0));
    found.forEach((point, at) =>
      expect(point.mean).toBeCloseTo(mean(losses.slice(Math.max(0, at - 19), at + 1)), 10),
    );
  });
});

describe('axes', () => {
  it('lead from the least to the most, and leave out what has no place', () => {
    const linear = axisOf([3, 7, NaN, Infinity], 'linear', 0);
    expect(linear).toEqual({ kind: 'linear', least: 0, most: 7 });
    expect(placeOn(linear, 3.5)).toBe(0.5);
    const log = axisOf([0.01, 1, 100, 0, -3], 'log', 0);
    expect(placeOn(log, 1)).toBeCloseTo(0.5, 12);
    expect([placeOn(log, 0), placeOn(log, NaN)]).toEqual([undefined, undefined]);
    expect(axisOf([], 'log').most).toBeGreaterThan(axisOf([], 'log').least);
  });

  it('have a few round values beside them, whatever they hold', () => {
    expect(ticksOf({ kind: 'linear', least: 0, most: 0.9 })).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
    expect(ticksOf({ kind: 'log', least: 0.05, most: 2000 })).toEqual([0.1, 1, 10, 100, 1000]);
    expect(ticksOf({ kind: 'log', least: 14, most: 83 })).toEqual([20, 50]);
    const random = seededRandom(3);
    for (let each = 0; each < 300; each++) {
      const values = [
        10 ** random.uniform(-30, 30),
        10 ** random.uniform(-30, 30),
        5 ** random.uniform(-1, 1),
      ];
      for (const kind of ['linear', 'log'] as const) {
        const axis = axisOf(values.slice(random.integer(3)), kind, 0);
        const ticks = ticksOf(axis);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(15);
        for (const tick of ticks) expect(tick).toBeGreaterThanOrEqual(axis.least);
        for (const tick of ticks) expect(tick).toBeLessThanOrEqual(axis.most * (1 + 1e-9));
      }
    }
  });

  it('interrupt a line where it has no place', () => {
    const points = [[0, 1], [1, 2], [2, NaN], [3, 4]] as const; // prettier-ignore
    const path = pathOf(points, (x) => x, (y) => (Number.isFinite(y) ? y : undefined)); // prettier-ignore
    expect(path).toBe('M0.0,1.0L1.0,2.0M3.0,4.0');
  });
});

describe('divergence', () => {
  it('is told once, when the last losses are worse than before learning', () => {
    const watch = divergenceWatch(10);
    const told = Array.from({ length: 200 }, (_, at) => watch(at < 20 ? 5 : 30));
    // The mean of 50 exceeds 11 when 13 of them are 30.
    const at = told.findIndex((each) => each !== undefined);
    expect(at).toBe(watchedUpdates - 1);
    expect(told[at]).toBeCloseTo((20 * 5 + 30 * 30) / 50, 12);
    expect(told.filter((each) => each !== undefined)).toHaveLength(1);
  });

  it('is not told of a training that learns after a bad start', () => {
    const watch = divergenceWatch(5);
    const losses = Array.from({ length: 300 }, (_, at) => (at < 3 ? 27 : 4 * 0.99 ** at));
    expect(losses.map(watch).every((each) => each === undefined)).toBe(true);
  });
});

describe('what the page knows of a training', () => {
  it('counts its updates, keeps changed rates, and measures an update’s error once', () => {
    const report = { kind: 'updates', losses: [3, 2], rate: 1, imagesPerSecond: 9 } as const;
    const tested = { kind: 'tested', at: 2, images: 10, mistakes: 4, confusion: [] } as const;
    let state = beginning(usualChoices('lenet1'));
    state = afterReport(afterReport(state, { ...report, before: 0 }), tested);
    state = withRate(withRate(state, 0.1), 0.2);
    state = afterReport(afterReport(state, { ...report, before: 2 }), { ...tested, mistakes: 3 });
    expect(state).toMatchObject({ done: 4, rates: [{ after: 2, rate: 0.2 }], choices: { rate: 0.2 } });
    expect(state.tests.map(({ mistakes }) => mistakes)).toEqual([3]);
  });

  it('sums a kernel over the maps that it reads', () => {
    const [places, reads, maps] = [4, 3, 2];
    const values = Float32Array.from({ length: places * reads * maps }, (_, at) => at ** 2 % 17);
    for (let map = 0; map < maps; map++) {
      const expected = [0, 0, 0, 0];
      values.forEach((value, at) => {
        if (at % maps === map) expected[Math.floor(at / maps / reads)]! += value;
      });
      expect([...summedKernel(values, places, reads, map)]).toEqual(expected);
    }
  });
});
