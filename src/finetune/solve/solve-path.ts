/** Solves a linear head for each weight decay in turn, and chooses the best one on held-out images. */
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
  /** The images that choose the weight decay, scaled as `training` is. */
  readonly choosing: Design;
  /** `training` has all of its `variants` of each image; `choosing` has one of each. */
  readonly recipe: Pick<RecipeWith<'lbfgs'>, 'optimiser' | 'epochs' | 'variants'>;
  /** Whether the head is solved again on both together. */
  readonly withValidation: boolean;
  /** The name of the data, for messages. */
  readonly name: string;
  readonly onDecay?: ((solved: Solved) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The result for one weight decay. */
export interface Solved {
  readonly summary: EpochSummary & { readonly weightDecay: number; readonly validationError: number };
  /** The position among the weight decays, counted from 0; `of` is their number. */
  readonly at: number;
  readonly of: number;
  /** Whether the solver converged within the passes that the recipe allows. */
  readonly settled: boolean;
}

export interface ChosenDecay {
  readonly weightDecay: number;
  readonly validationError: number;
  readonly validationLoss: number;
  /** Whether the head was solved again with the validation images included. */
  readonly withValidation: boolean;
}

export interface SolvedPath {
  readonly weights: LinearWeights;
  readonly chosen: ChosenDecay;
}

/** The solution for one weight decay. */
interface Candidate extends Measured {
  readonly weightDecay: number;
  readonly weights: LinearWeights;
  /** The epoch of its line in the log. */
  readonly epoch: number;
}

/** Solves for the weight decays one after the other, and keeps the progress. */
export class SolvePath {
  progress: Progress = { done: 0, epochs: 0, lossSum: 0, images: 0, seconds: 0, best: null, plateau: null };
  private readonly started = performance.now();
  private readonly tried: Candidate[] = [];

  constructor(private readonly options: SolvePathOptions) {}

  /** @returns null if it was interrupted */
  async run(): Promise<SolvedPath | null> {
    const { recipe, withValidation, training, choosing, signal } = this.options;
    const { weightDecays } = recipe.optimiser;
    const losses = () => this.tried.map(({ loss }) => loss);
    for (const [at, weightDecay] of weightDecays.entries()) {
      if (!(await this.solve(weightDecay, at))) return null;
      if (isStale(losses(), recipe.optimiser.patience)) break;
    }
    // By the loss, since with few images the errors for many weight decays are equal or differ by chance.
    const best = this.tried.reduce((least, one) => (one.loss < least.loss ? one : least));
    this.progress = { ...this.progress, best: { epoch: best.epoch, error: best.error } };
    const { weightDecay, error: validationError, loss: validationLoss } = best;
    const chosen = { weightDecay, validationError, validationLoss, withValidation };
    if (!withValidation) return { weights: best.weights, chosen };
    // λ·images stays the same with more images: the prior keeps its weight, and each image counts the same.
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
    const summary = {
      epoch,
      step: this.progress.done,
      meanLoss,
      validationError: seen.error,
      weightDecay,
      validationLoss: seen.loss,
      seconds: this.progress.seconds,
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

/** Whether none of the last `patience` losses is lower than the lowest one before them. */
export function isStale(losses: readonly number[], patience: number): boolean {
  const before = losses.slice(0, -patience);
  const least = Math.min(...before);
  return before.length > 0 && losses.slice(-patience).every((loss) => loss >= least);
}
