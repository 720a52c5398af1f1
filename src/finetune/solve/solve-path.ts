/** Solves a linear head for one weight decay after the other, and chooses among them on images that are not learned from. */
import { performance } from 'node:perf_hooks';
import type { RecipeWith } from '../../core/network';
import type { Progress } from '../../train/run/checkpoint';
import { Diverged } from '../../train/step/step';
import type { Minimum } from './lbfgs';
import type { EpochSummary } from '../../train/run/log';
import {
  measured,
  softmaxRegression,
  type Design,
  type LinearWeights,
  type Measured,
} from './softmax-regression';

export interface SolvePathOptions {
  readonly training: Design;
  /** Of the images that choose, scaled as those are. */
  readonly choosing: Design;
  /** Of its `variants` of each image, all are among `training`; those that choose are one. */
  readonly recipe: Pick<RecipeWith<'lbfgs'>, 'optimiser' | 'epochs' | 'variants'>;
  /** Whether the head is solved once more on both together. */
  readonly withValidation: boolean;
  /** What the features are of, for messages. */
  readonly name: string;
  readonly onDecay?: ((solved: Solved) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What came of one weight decay. */
export interface Solved {
  readonly summary: EpochSummary;
  /** Counted from 0, of so many. */
  readonly at: number;
  readonly of: number;
  /** Whether the gradient vanished within the passes that the recipe allows. */
  readonly settled: boolean;
}

export interface ChosenDecay {
  readonly weightDecay: number;
  readonly validationError: number;
  readonly validationLoss: number;
  /** Whether the head was solved once more with the validation images. */
  readonly withValidation: boolean;
}

export interface SolvedPath {
  readonly weights: LinearWeights;
  readonly chosen: ChosenDecay;
}

/** One weight decay's solution. */
interface Candidate extends Measured {
  readonly weightDecay: number;
  readonly weights: LinearWeights;
  /** Its line of the log. */
  readonly epoch: number;
}

/** The weight decays one after the other, and how far they have come. */
export class SolvePath {
  progress: Progress = { done: 0, epochs: 0, lossSum: 0, images: 0, seconds: 0, best: null, plateau: null };
  private readonly started = performance.now();
  private readonly tried: Candidate[] = [];

  constructor(private readonly options: SolvePathOptions) {}

  /** @returns null where it was interrupted */
  async run(): Promise<SolvedPath | null> {
    const { recipe, withValidation, training, choosing, signal } = this.options;
    const { weightDecays } = recipe.optimiser;
    const losses = () => this.tried.map(({ loss }) => loss);
    for (const [at, weightDecay] of weightDecays.entries()) {
      if (!(await this.solve(weightDecay, at))) return null;
      if (isStale(losses(), recipe.optimiser.patience)) break;
    }
    // By the loss, not by the error: of few images the errors of many weight decays are equal, or differ by chance.
    const best = this.tried.reduce((least, one) => (one.loss < least.loss ? one : least));
    this.progress = { ...this.progress, best: { epoch: best.epoch, error: best.error } };
    const { weightDecay, error: validationError, loss: validationLoss } = best;
    const chosen = { weightDecay, validationError, validationLoss, withValidation };
    if (!withValidation) return { weights: best.weights, chosen };
    // The weight of the prior stays the same beside more images, each of which counts the same.
    const others = new Array<Design>(recipe.variants ?? 1).fill(choosing);
    const rows = training.rows + others.length * choosing.rows;
    const weaker = (weightDecay * training.rows) / rows;
    const again = await this.minimum([training, ...others], weaker, best.weights);
    return signal?.aborted ? null : { weights: again.point, chosen };
  }

  /** @returns whether it was solved, and not interrupted */
  private async solve(weightDecay: number, at: number): Promise<boolean> {
    const { training, choosing, recipe, onDecay, signal } = this.options;
    const found = await this.minimum([training], weightDecay, this.tried.at(-1)?.weights);
    if (signal?.aborted) return false;
    const { loss: meanLoss } = await measured(training, found.point);
    const seen = await measured(choosing, found.point);
    const epoch = this.progress.epochs - 1;
    this.tried.push({ ...seen, weightDecay, weights: found.point, epoch });
    const summary: EpochSummary = {
      epoch,
      step: this.progress.done,
      meanLoss,
      validationError: seen.error,
      weightDecay,
      validationLoss: seen.loss,
      seconds: this.progress.seconds,
      residentBytes: process.memoryUsage.rss(),
    };
    const of = recipe.optimiser.weightDecays.length;
    onDecay?.({ summary, at, of, settled: found.settled });
    return true;
  }

  private async minimum(
    designs: readonly Design[],
    weightDecay: number,
    start: LinearWeights | undefined,
  ): Promise<Minimum> {
    const { recipe, signal, name } = this.options;
    const found = await softmaxRegression({
      designs,
      weightDecay,
      start,
      most: recipe.epochs,
      signal,
    });
    if (!Number.isFinite(found.value + found.slope))
      throw new Diverged(
        `${name}: expected a finite loss of the head, found ${found.value}: the frozen layers do not make numbers of every image`,
      );
    this.progress = {
      ...this.progress,
      done: this.progress.done + found.iterations,
      epochs: this.progress.epochs + found.evaluations,
      seconds: (performance.now() - this.started) / 1000,
    };
    return found;
  }
}

/** Whether so many losses in a row, the last ones, are no lower than one before. */
export function isStale(losses: readonly number[], patience: number): boolean {
  const before = losses.slice(0, -patience);
  const least = Math.min(...before);
  return before.length > 0 && losses.slice(-patience).every((loss) => loss >= least);
}
