/** What the page knows of its training, by what the worker has reported. */
import type { Choices } from './choices';
import type { Divergence, LayerMaps, Report, RunFacts, Tested } from './messages';
import { emptyTrace, traced, type Trace } from './trace';

/** What the training does. */
type Phase = 'preparing' | 'paused' | 'playing' | 'failed';

export interface TrainingState {
  readonly choices: Choices;
  readonly phase: Phase;
  /** Null while it is prepared. */
  readonly facts: RunFacts | null;
  /** Updates done. */
  readonly done: number;
  readonly imagesPerSecond: number | null;
  readonly trace: Trace;
  /** Rates that were changed on the way, and the updates done before. */
  readonly rates: readonly { readonly after: number; readonly rate: number }[];
  readonly tests: readonly Tested[];
  /** The kernels now, and before the first update. */
  readonly layers: readonly LayerMaps[];
  readonly start: readonly LayerMaps[];
  readonly divergence: Divergence | null;
  /** Why it failed. */
  readonly problem: string | null;
}

/** A training that has just been ordered. */
export function beginning(choices: Choices): TrainingState {
  return {
    ...{ choices, phase: 'preparing', facts: null, done: 0, imagesPerSecond: null, trace: emptyTrace },
    ...{ rates: [], tests: [], layers: [], start: [], divergence: null, problem: null },
  };
}

/** How many measurements of the error the curve has; every other one of more is left out. */
const mostTests = 400;

/** The state after a report. */
export function afterReport(state: TrainingState, report: Report): TrainingState {
  switch (report.kind) {
    case 'opened':
      return { ...state, facts: report.facts, layers: report.layers, start: report.layers };
    case 'updates': {
      const { before, losses, imagesPerSecond } = report;
      const trace = traced(state.trace, losses, before);
      return { ...state, trace, done: before + losses.length, imagesPerSecond };
    }
    case 'layers':
      return { ...state, layers: report.layers };
    case 'tested': {
      const { kind: _, ...tested } = report;
      const all = [...state.tests.filter(({ at }) => at !== tested.at), tested];
      const every = all.length > mostTests ? 2 : 1;
      return { ...state, tests: all.filter((_, at) => (all.length - 1 - at) % every === 0) };
    }
    case 'playing':
    case 'paused':
      return { ...state, phase: report.kind };
    case 'diverged': {
      const { kind: _, ...divergence } = report;
      return { ...state, divergence };
    }
    case 'failed':
      return { ...state, phase: 'failed', problem: report.message };
    case 'saved':
      return state;
    default:
      return report satisfies never;
  }
}

/** The state after an order to change the rate. */
export function withRate(state: TrainingState, rate: number): TrainingState {
  const { done, choices } = state;
  if (rate === choices.rate) return state;
  const before = state.rates.filter(({ after }) => after < done);
  return {
    ...state,
    choices: { ...choices, rate },
    // Before the first update it is no change.
    rates: done === 0 ? [] : [...before, { after: done, rate }],
  };
}
