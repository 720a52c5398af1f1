/** Looks for a learning rate: trains for some updates at a rate that rises, and watches the loss. */
import { UserError } from '../core/errors';
import { Diverged, type Step } from './step/step';
import { stepFor } from './step/choose-step';
import { train, type TrainOptions } from './train';

/** How a rate is looked for. */
export interface RangeTestOptions extends Omit<TrainOptions, 'done' | 'drops'> {
  /** The rate of the first update. Default: 10⁻⁶. */
  readonly from?: number | undefined;
  /** The rate of the last update. Default: 1. */
  readonly to?: number | undefined;
  /** Default: 100. */
  readonly updates?: number | undefined;
  /** Called after each update with the number of those done. */
  readonly onUpdate?: ((done: number, all: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One update of the test. */
export interface RangePoint {
  readonly rate: number;
  /** The mean loss of the update's images, before it. */
  readonly loss: number;
  /** The mean of the losses so far, of which each counts 0.9 times as much as the next. */
  readonly smoothed: number;
}

/** What the test found. */
export interface FoundRate {
  /** The rate that is proposed: a tenth of the rate at which the smoothed loss was least. */
  readonly rate: number;
  readonly least: RangePoint;
  /** Whether the loss rose again, or was no number, before the last rate. */
  readonly rose: boolean;
  readonly points: readonly RangePoint[];
}

const share = 0.9;
const usual = { from: 1e-6, to: 1, updates: 100 } as const;

/** The test ends where the smoothed loss is so many times its least. */
const risen = 4;

/**
 * The range test of Smith 2017, Cyclical learning rates for training neural networks, §3.3, with a rate that grows
 * exponentially, as is usual since: the same factor lies between each update's rate and the next one's. The recipe's
 * schedule and warm-up do not count, nor its epochs: the images are shown as often as the updates need them. The test
 * ends early where the loss rises to four times its least, or is no number. It proposes a tenth of the rate at which the
 * smoothed loss was least: there the loss is still falling, and its smoothing lags behind.
 *
 * The model learns meanwhile: who needs its weights keeps them before.
 * @throws UserError for rates that do not rise, and when the loss did not fall; the signal's reason
 */
export async function rangeTest(options: RangeTestOptions): Promise<FoundRate> {
  const { from = usual.from, to = usual.to, updates = usual.updates, onUpdate, signal, ...given } = options;
  if (!(from > 0 && to > from && Number.isFinite(to)))
    throw new UserError(`range test: expected rates above 0 that rise, found from ${from} to ${to}`);
  if (!Number.isInteger(updates) || updates < 2)
    throw new UserError(`range test: expected at least 2 updates, found ${updates}`);
  const rateOf = (done: number) => from * (to / from) ** (done / (updates - 1));
  const inner = given.step ?? stepFor(given.model, given.recipe, given.seed);
  // Enough epochs for any number of images: the test stops after its updates.
  const recipe = { ...given.recipe, epochs: updates };
  const points: RangePoint[] = [];
  let mean = 0;
  try {
    for await (const { loss, images } of train({ ...given, recipe, step: atRates(inner, rateOf) })) {
      signal?.throwIfAborted();
      if (images === 0)
        throw new UserError(`${given.data.name}: expected images that can be read, found a batch of none`);
      mean = share * mean + (1 - share) * loss;
      const smoothed = mean / (1 - share ** (points.length + 1));
      points.push({ rate: rateOf(points.length), loss, smoothed });
      onUpdate?.(points.length, updates);
      if (points.length === updates || smoothed > risen * leastOf(points).smoothed) break;
    }
  } catch (error) {
    if (!(error instanceof Diverged) || points.length === 0) throw error;
  } finally {
    if (!given.step) inner.dispose();
  }
  const least = leastOf(points);
  if (least.smoothed >= points[0]!.smoothed)
    throw new UserError(
      `range test: expected a loss that falls at some rate between ${from} and ${to}, found ${points[0]!.smoothed.toPrecision(3)} at first and nothing below`,
    );
  return {
    rate: rounded(least.rate / 10),
    least,
    rose: least !== points.at(-1) || points.length < updates,
    points,
  };
}

function leastOf(points: readonly RangePoint[]): RangePoint {
  return points.reduce((least, point) => (point.smoothed < least.smoothed ? point : least));
}

/** To two digits, as a rate is written. */
function rounded(rate: number): number {
  return Number(rate.toPrecision(2));
}

/** A step whose rates are those of the test, whatever the loop says. */
function atRates(step: Step, rateOf: (done: number) => number): Step {
  return {
    run: (batch, _, done) => step.run(batch, rateOf(done), done),
    get beforeEpoch() {
      return step.beforeEpoch;
    },
    get state() {
      return step.state;
    },
    dispose: () => undefined, // the caller's own
  };
}
