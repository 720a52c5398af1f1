/** Minimises a smooth convex function by L-BFGS: Liu and Nocedal 1989, On the limited memory BFGS method. */

import { eventLoopTurn } from '../../core/io/process/event-loop';

export interface Evaluated {
  readonly value: number;
  /** As long as the point; the minimiser takes ownership of it. */
  readonly gradient: Float64Array;
}

export interface MinimiseOptions {
  readonly evaluate: (point: Float64Array) => Promise<Evaluated>;
  readonly start: Float64Array;
  /** The minimiser ends when no component of the gradient is larger than this. */
  readonly tolerance: number;
  /** The largest number of evaluations. */
  readonly most: number;
  /** Aborting it ends the search at the current point. */
  readonly signal?: AbortSignal | undefined;
}

export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  /** The largest absolute component of the gradient. */
  readonly slope: number;
  readonly iterations: number;
  readonly evaluations: number;
  /** Whether the gradient is within the tolerance, or steps no longer change the value. */
  readonly settled: boolean;
}

/**
 * Pairs of a step and a gradient change that represent the curvature; 3 to 20 suffice (Nocedal and Wright 2006, §7.2).
 */
const pairs = 10;

/** c₁ and c₂ of the Wolfe conditions (Nocedal and Wright 2006, §3.1). */
const decrease = 1e-4;
const flattening = 0.9;

/**
 * The relative error of single precision: a rise of the value by up to this much is ignored (Hager and Zhang 2005, §2).
 */
const noise = 1e-7;

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  readonly inverse: number;
}

export async function minimise(options: MinimiseOptions): Promise<Minimum> {
  const { evaluate, tolerance, most, signal } = options;
  let point: Float64Array = options.start.slice();
  let now = await evaluate(point);
  let evaluations = 1;
  let iterations = 0;
  let history: readonly Pair[] = [];
  let stuck = false;
  while (largest(now.gradient) > tolerance && !stuck && evaluations < most && !signal?.aborted) {
    const direction = descent(now.gradient, history);
    const found = await search(point, now, direction, {
      first: history.length > 0 ? 1 : Math.min(1, 1 / norm(now.gradient)),
      most: most - evaluations,
      evaluate,
    });
    evaluations += found.evaluations;
    stuck = found.next === null && history.length === 0 && evaluations < most;
    if (!found.next) {
      history = []; // try again in the direction of steepest descent
      continue;
    }
    iterations++;
    await eventLoopTurn(); // TensorFlow's promises never leave the micro-task queue: let timers and signals run
    history = remembered(history, difference(found.next.point, point), found.next.at.gradient, now.gradient);
    point = found.next.point;
    now = found.next.at;
  }
  const slope = largest(now.gradient);
  return { point, value: now.value, slope, iterations, evaluations, settled: slope <= tolerance || stuck };
}

/** The newest pairs; a pair is not kept if the function does not curve upwards along its step. */
function remembered(
  before: readonly Pair[],
  step: Float64Array,
  after: Float64Array,
  gradient: Float64Array,
): readonly Pair[] {
  const change = difference(after, gradient);
  const curvature = dot(step, change);
  if (!(curvature > 1e-12 * norm(step) * norm(change))) return before;
  return [...before, { step, change, inverse: 1 / curvature }].slice(-pairs);
}

/** The direction −H·g, where the pairs represent H, by the two-loop recursion. */
function descent(gradient: Float64Array, history: readonly Pair[]): Float64Array {
  const direction = gradient.map((value) => -value);
  const shares = history.map(() => 0);
  for (let at = history.length - 1; at >= 0; at--) {
    const { step, change, inverse } = history[at]!;
    shares[at] = inverse * dot(step, direction);
    add(direction, change, -shares[at]!);
  }
  const last = history.at(-1);
  if (last) scale(direction, 1 / (last.inverse * dot(last.change, last.change)));
  history.forEach(({ step, change, inverse }, at) => {
    add(direction, step, shares[at]! - inverse * dot(change, direction));
  });
  return direction;
}

interface Found {
  readonly next: { readonly point: Float64Array; readonly at: Evaluated } | null;
  readonly evaluations: number;
}

/** Bisects for a step that satisfies the weak Wolfe conditions, by Lewis and Overton 2013, algorithm 2.6. */
async function search(
  point: Float64Array,
  { value, gradient }: Evaluated,
  direction: Float64Array,
  { first, most, evaluate }: Pick<MinimiseOptions, 'most' | 'evaluate'> & { readonly first: number },
): Promise<Found> {
  const slope = dot(gradient, direction);
  const slack = noise * Math.abs(value);
  let [low, high, length] = [0, Infinity, first];
  let evaluations = 0;
  while (evaluations < most && evaluations < 40) {
    const next = point.slice();
    add(next, direction, length);
    const at = await evaluate(next);
    evaluations++;
    const along = dot(at.gradient, direction);
    if (!(at.value <= value + decrease * length * slope + slack)) high = length;
    else if (along < flattening * slope) low = length;
    else return { next: { point: next, at }, evaluations };
    length = Number.isFinite(high) ? (low + high) / 2 : 2 * low;
  }
  return { next: null, evaluations };
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += one[at]! * other[at]!;
  return sum;
}

function norm(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector));
}

/** target ← target + factor · vector. */
function add(target: Float64Array, vector: Float64Array, factor: number): void {
  for (let at = 0; at < target.length; at++) target[at]! += factor * vector[at]!;
}

function scale(vector: Float64Array, factor: number): void {
  for (let at = 0; at < vector.length; at++) vector[at]! *= factor;
}

function difference(one: Float64Array, other: Float64Array): Float64Array {
  const result = one.slice();
  add(result, other, -1);
  return result;
}

function largest(vector: Float64Array): number {
  let most = 0;
  for (const value of vector) if (!(value <= most && -value <= most)) most = value < 0 ? -value : value;
  return most;
}
