import { performance } from 'node:perf_hooks';
import { tf } from '../tf';
import type { Batch } from '../data/batches';
import type { ImageShape } from '../network';
import { seededRandom } from '../random';
import type { Forward } from '../train/forward';
import type { Step } from '../train/step';

/** What a number of equal passes took. */
export interface Measured {
  readonly imagesPerSecond: number;
  readonly passes: number;
  /** Of the median pass. */
  readonly milliseconds: number;
}

export interface Memory {
  readonly tensors: number;
  readonly residentBytes: number;
}

export interface TrainingMeasured extends Measured {
  /** Before the first counted update and after the last. */
  readonly memory: { readonly before: Memory; readonly after: Memory };
}

/** What `bench` finds. */
export interface Bench {
  readonly network: string;
  readonly batch: number;
  readonly backend: string;
  readonly step: string;
  readonly precision: string;
  readonly training: TrainingMeasured;
  readonly inference: Measured;
  /** The most that the process had resident at any time. */
  readonly peakBytes: number;
}

/** So small that nothing diverges, for weights that are not meant to learn. */
const rate = 1e-8;

/** Times `steps` updates on one batch, after a tenth as many that are not counted. */
export async function measureTraining(step: Step, batch: Batch, steps: number): Promise<TrainingMeasured> {
  for (let warmUp = 0; warmUp < Math.max(3, steps / 10); warmUp++) await step.run(batch, rate, 0);
  const before = memory();
  const times = [];
  for (let index = 0; index < steps; index++) {
    const started = performance.now();
    await step.run(batch, rate, 0);
    times.push(performance.now() - started);
  }
  return { ...measured(times, batch.labels.length), memory: { before, after: memory() } };
}

/** Times `passes` forward passes of one batch. */
export async function measureInference(forward: Forward, batch: Batch, passes: number): Promise<Measured> {
  const times = [];
  for (let index = -3; index < passes; index++) {
    const started = performance.now();
    await forward.run(batch);
    if (index >= 0) times.push(performance.now() - started);
  }
  return measured(times, batch.labels.length);
}

/** Images and labels of a seed, without meaning: they do not change what a step costs. */
export function randomBatch(size: number, shape: ImageShape, classes: number): Batch {
  const random = seededRandom(1);
  const length = size * shape[0] * shape[1] * shape[2];
  const images = Float32Array.from({ length }, () => random.uniform(-1, 1));
  return { images, shape, labels: Int32Array.from({ length: size }, () => random.integer(classes)) };
}

export function benchText({
  network,
  batch,
  backend,
  step,
  precision,
  training,
  inference,
  peakBytes,
}: Bench): string {
  const speed = ({ imagesPerSecond, milliseconds }: Measured) =>
    `${imagesPerSecond.toFixed(imagesPerSecond < 100 ? 1 : 0)} images/s (${milliseconds.toFixed(2)} ms a batch)`;
  const { before, after } = training.memory;
  return [
    `${network}, batch ${batch}, ${backend}, ${step} step, ${precision}, medians of ${training.passes}`,
    `training   ${speed(training)}`,
    `inference  ${speed(inference)}`,
    `memory     ${memoryText(before)} before the updates, ${memoryText(after)} after; peak ${megabytes(peakBytes)}`,
  ].join('\n');
}

function memoryText({ tensors, residentBytes }: Memory): string {
  return `${tensors} tensors and ${megabytes(residentBytes)}`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function measured(times: readonly number[], images: number): Measured {
  const milliseconds = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
  return { imagesPerSecond: (1000 * images) / milliseconds, passes: times.length, milliseconds };
}

function memory(): Memory {
  return { tensors: tf.memory().numTensors, residentBytes: process.memoryUsage.rss() };
}
