/** Softmax regression on features: the linear layer of least mean cross-entropy with weight decay, a convex problem. */
import { tf } from '../../core/tf';
import { minimise, type Evaluated, type Minimum } from './lbfgs';

/** Features of some images, row by row, with their classes. */
export interface FeatureRows {
  /** `[rows, features]`. */
  readonly values: Float32Array;
  readonly labels: Int32Array;
}

/** The shift and scale of features, so that a weight decay has the same meaning for every network. */
export interface FeatureScale {
  /** The mean of each feature over the rows. */
  readonly mean: Float64Array;
  /** One value for all features: their root mean square after subtracting the means. */
  readonly deviation: number;
}

/** A linear layer on scaled features: the kernel `[features, classes]`, then the bias `[classes]`, in one row. */
export type LinearWeights = Float64Array;

/** Blocks of rows that lie in the backend's memory. */
export interface Design {
  readonly blocks: readonly Block[];
  readonly rows: number;
  readonly features: number;
  readonly classes: number;
  dispose(): void;
}

interface Block {
  /** `[rows, features]`, scaled. */
  readonly inputs: tf.Tensor2D;
  /** `[rows, classes]`: 1 for the row's class. */
  readonly targets: tf.Tensor2D;
  /** `[rows, 1]`: the weight of each row. */
  readonly counts: tf.Tensor2D;
}

/** The mean of each feature, and the deviation of all of them. */
export function scaleOf(blocks: readonly FeatureRows[], features: number): FeatureScale {
  const mean = new Float64Array(features);
  const rows = blocks.reduce((sum, { labels }) => sum + labels.length, 0);
  eachRow(blocks, features, (values, at) => {
    for (let feature = 0; feature < features; feature++) mean[feature]! += values[at + feature]! / rows;
  });
  let squares = 0;
  eachRow(blocks, features, (values, at) => {
    for (let feature = 0; feature < features; feature++)
      squares += (values[at + feature]! - mean[feature]!) ** 2;
  });
  const deviation = Math.sqrt(squares / (rows * features));
  return { mean, deviation: deviation > 0 ? deviation : 1 };
}

function eachRow(
  blocks: readonly FeatureRows[],
  features: number,
  visit: (values: Float32Array, at: number) => void,
): void {
  for (const { values, labels } of blocks)
    for (let row = 0; row < labels.length; row++) visit(values, row * features);
}

/**
 * Copies rows to the backend, scaled.
 * @param classWeights the weight of each class; default: 1
 */
export function designOf(
  blocks: readonly FeatureRows[],
  { mean, deviation }: FeatureScale,
  classes: number,
  classWeights?: readonly number[],
): Design {
  const features = mean.length;
  const made = blocks.map(({ values, labels }): Block => {
    const scaled = new Float32Array(values.length);
    for (let row = 0, at = 0; row < labels.length; row++)
      for (let feature = 0; feature < features; feature++, at++)
        scaled[at] = (values[at]! - mean[feature]!) / deviation;
    const targets = new Float32Array(labels.length * classes);
    labels.forEach((label, row) => (targets[row * classes + label] = 1));
    const counts = Float32Array.from(labels, (label) => classWeights?.[label] ?? 1);
    return {
      inputs: tf.tensor2d(scaled, [labels.length, features]),
      targets: tf.tensor2d(targets, [labels.length, classes]),
      counts: tf.tensor2d(counts, [labels.length, 1]),
    };
  });
  return {
    blocks: made,
    rows: blocks.reduce((sum, { labels }) => sum + labels.length, 0),
    features,
    classes,
    dispose: () => tf.dispose(made.map(({ inputs, targets, counts }) => [inputs, targets, counts])),
  };
}

/** The mean of (class weight · cross-entropy) over all rows of some designs, + ½λ‖kernel‖², and its gradient. */
export async function regularisedLoss(
  designs: readonly Design[],
  weightDecay: number,
  weights: LinearWeights,
): Promise<Evaluated> {
  const { features, classes } = designs[0]!;
  const rows = designs.reduce((sum, design) => sum + design.rows, 0);
  const gradient = new Float64Array(weights.length);
  let value = 0;
  const layer = layerOf(weights, features, classes);
  for (const { inputs, targets, counts } of designs.flatMap((design) => design.blocks)) {
    const found = tf.tidy(() => {
      const logarithms = logProbabilities(inputs, layer);
      const loss = logarithms.mul(targets).mul(counts).sum().neg();
      const errors = logarithms.exp().sub(targets).mul(counts);
      return [loss, tf.matMul(inputs, errors, true).flatten(), errors.sum(0)];
    });
    const [loss, kernel, bias] = await Promise.all(found.map((tensor) => tensor.data()));
    tf.dispose(found);
    value += loss![0]! / rows;
    for (let at = 0; at < kernel!.length; at++) gradient[at]! += kernel![at]! / rows;
    for (let at = 0; at < classes; at++) gradient[kernel!.length + at]! += bias![at]! / rows;
  }
  tf.dispose(layer);
  for (let at = 0; at < features * classes; at++) {
    value += 0.5 * weightDecay * weights[at]! ** 2;
    gradient[at]! += weightDecay * weights[at]!;
  }
  return { value, gradient };
}

function layerOf(weights: LinearWeights, features: number, classes: number) {
  const kernel = Float32Array.from(weights.subarray(0, features * classes));
  return {
    kernel: tf.tensor2d(kernel, [features, classes]),
    bias: tf.tensor1d(Float32Array.from(weights.subarray(features * classes))),
  };
}

function logProbabilities(inputs: tf.Tensor2D, { kernel, bias }: ReturnType<typeof layerOf>): tf.Tensor2D {
  return tf.logSoftmax(tf.matMul(inputs, kernel).add<tf.Tensor2D>(bias));
}

/** The error and the loss of a linear layer on some rows. */
export interface Measured {
  /** The share of rows where another class has the largest score. */
  readonly error: number;
  /** The mean of (class weight · cross-entropy). */
  readonly loss: number;
}

export async function measured(
  { blocks, rows, features, classes }: Design,
  weights: LinearWeights,
): Promise<Measured> {
  const layer = layerOf(weights, features, classes);
  let [wrong, loss] = [0, 0];
  for (const { inputs, targets, counts } of blocks) {
    const found = tf.tidy(() => {
      const logarithms = logProbabilities(inputs, layer);
      const missed = logarithms.argMax(1).notEqual(targets.argMax(1)).sum().toFloat();
      return tf.stack([missed, logarithms.mul(targets).mul(counts).sum().neg()]);
    });
    const [missed, ofBlock] = await found.data();
    found.dispose();
    wrong += missed!;
    loss += ofBlock!;
  }
  tf.dispose(layer);
  return { error: wrong / rows, loss: loss / rows };
}

export interface RegressionOptions {
  /** The rows to learn from; all designs have the same features and classes. */
  readonly designs: readonly Design[];
  readonly weightDecay: number;
  /** Default: zeros. */
  readonly start?: LinearWeights | undefined;
  /** The largest number of passes over the rows. */
  readonly most: number;
  readonly signal?: AbortSignal | undefined;
}

/** The largest component of the gradient at which it ends; sklearn's tolerance is 1e-4. */
const tolerance = 1e-5;

/** Solves the regression to this tolerance, or until steps no longer change the value. */
export async function softmaxRegression(options: RegressionOptions): Promise<Minimum> {
  const { designs, weightDecay, most, signal } = options;
  const { features, classes } = designs[0]!;
  return minimise({
    evaluate: (weights) => regularisedLoss(designs, weightDecay, weights),
    start: options.start ?? new Float64Array((features + 1) * classes),
    tolerance,
    most,
    signal,
  });
}

/**
 * The kernel and the bias of a linear layer that has the same output for features as these weights have for scaled
 * features.
 */
export function unscaled(
  weights: LinearWeights,
  { mean, deviation }: FeatureScale,
  classes: number,
): { readonly kernel: Float32Array; readonly bias: Float32Array } {
  const size = mean.length * classes;
  const kernel = weights.subarray(0, size).map((value) => value / deviation);
  const bias = weights.slice(size);
  for (let at = 0; at < size; at++) bias[at % classes]! -= kernel[at]! * mean[Math.floor(at / classes)]!;
  return { kernel: Float32Array.from(kernel), bias: Float32Array.from(bias) };
}
