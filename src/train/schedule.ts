/** The learning rate of each update, according to the recipe's schedule. */
import type { Recipe, Schedule } from '../core/network';

/** The progress of a training, as the schedules use it. */
export interface Position {
  /** Updates done so far. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** Epochs of the whole training. */
  readonly epochs: number;
  /** How often a `plateau` schedule has lowered the rate. Default: 0. */
  readonly drops?: number;
}

/** The learning rate ε of the next update. */
export function rateAt(schedule: Schedule, { step, stepsPerEpoch, epochs, drops = 0 }: Position): number {
  const done = step / stepsPerEpoch;
  switch (schedule.kind) {
    case 'constant':
      return schedule.rate;
    case 'steps':
      return schedule.steps.findLast(({ epoch }) => epoch <= done)!.rate;
    case 'cosine': {
      const fallen = (1 - Math.cos((Math.PI * done) / epochs)) / 2; // from 0 at the start to 1 at the end
      return schedule.from + (schedule.to - schedule.from) * fallen;
    }
    case 'polynomial':
      return schedule.from * (1 - done / epochs) ** schedule.power;
    case 'staircase':
      return schedule.from * schedule.factor ** Math.floor(done / schedule.epochs);
    case 'inverse':
      return schedule.from * (1 + schedule.gamma * step) ** -schedule.power;
    case 'plateau':
      return schedule.from * schedule.factor ** drops;
    default:
      return schedule satisfies never;
  }
}

/** The learning rate ε of the next update, of a recipe that may have a warm-up. */
export function warmedRate(recipe: Pick<Recipe, 'schedule' | 'warmUp'>, at: Position): number {
  const { schedule, warmUp } = recipe;
  const rate = rateAt(schedule, at);
  if (!warmUp) return rate;
  const part = Math.min(1, at.step / (warmUp.epochs * at.stepsPerEpoch)); // of the warm-up, before this update
  return rate * (warmUp.from + (1 - warmUp.from) * part);
}

/** The state of a `plateau` schedule between epochs. */
export interface Plateau {
  readonly least: number;
  /** Epochs since `least` last fell. */
  readonly stale: number;
  readonly drops: number;
}

/** The state of a `plateau` schedule after an epoch that ended with this error. */
export function afterEpoch(schedule: Schedule, before: Plateau | null, error: number): Plateau | null {
  if (schedule.kind !== 'plateau') return null;
  if (before === null || error < before.least) return { least: error, stale: 0, drops: before?.drops ?? 0 };
  const stale = before.stale + 1;
  const drop = stale >= schedule.patience && before.drops < schedule.drops;
  return { ...before, stale: drop ? 0 : stale, drops: before.drops + (drop ? 1 : 0) };
}

/** The recipe for another number of epochs; the epochs in its schedule are scaled in proportion. */
export function stretched(recipe: Recipe, epochs: number): Recipe {
  const factor = epochs / recipe.epochs;
  const { warmUp } = recipe;
  const warmed = warmUp ? { ...recipe, warmUp: { ...warmUp, epochs: warmUp.epochs * factor } } : recipe;
  return stretchedSchedule(warmed, epochs, factor);
}

function stretchedSchedule(recipe: Recipe, epochs: number, factor: number): Recipe {
  const { schedule } = recipe;
  switch (schedule.kind) {
    case 'steps': {
      const steps = schedule.steps.map(({ epoch, rate }) => ({ epoch: epoch * factor, rate }));
      return { ...recipe, epochs, schedule: { ...schedule, steps } };
    }
    case 'staircase':
      return { ...recipe, epochs, schedule: { ...schedule, epochs: schedule.epochs * factor } };
    case 'inverse':
      return { ...recipe, epochs, schedule: { ...schedule, gamma: schedule.gamma / factor } };
    case 'constant':
    case 'cosine':
    case 'polynomial':
    case 'plateau':
      return { ...recipe, epochs };
    default:
      return schedule satisfies never;
  }
}

/** The rate of a schedule, times a factor at every time. */
export function timesRate(schedule: Schedule, factor: number): Schedule {
  switch (schedule.kind) {
    case 'constant':
      return { ...schedule, rate: schedule.rate * factor };
    case 'steps': {
      const steps = schedule.steps.map(({ epoch, rate }) => ({ epoch, rate: rate * factor }));
      return { ...schedule, steps };
    }
    case 'cosine':
      return { ...schedule, from: schedule.from * factor, to: schedule.to * factor };
    case 'polynomial':
    case 'staircase':
    case 'inverse':
    case 'plateau':
      return { ...schedule, from: schedule.from * factor };
    default:
      return schedule satisfies never;
  }
}

/** In Goyal et al. 2017, "Accurate, Large Minibatch SGD", §2.2, the rate rises over the first 5 epochs. */
const warmUpEpochs = 5;

/**
 * The recipe for batches that are `factor` times as large, by the linear scaling rule (Goyal et al. 2017, §2.1): "When
 * the minibatch size is multiplied by k, multiply the learning rate by k". The rate rises from the recipe's own to that,
 * over 5 epochs, or a quarter of a shorter training.
 */
export function linearlyScaled(recipe: Recipe, factor: number): Recipe {
  const { batchSize, schedule, epochs } = recipe;
  const warmUp = { epochs: Math.min(warmUpEpochs, epochs / 4), from: 1 / factor };
  return { warmUp, ...recipe, batchSize: batchSize * factor, schedule: timesRate(schedule, factor) };
}
