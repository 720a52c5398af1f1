/** Measures the speed of training and inference, and of each layer. */
import { elementCount } from '../../core/shape';
import { performance } from 'node:perf_hooks';
import { tf } from '../../core/tf';
import type { Batch } from '../../data/loader/batches';
import type { ImageShape } from '../../core/network';
import { seededRandom } from '../../core/random';
import type { Forward } from '../../evaluate/scores/forward';
import { timesByClock, type LayerTime } from '../../graph/layer-times';
import type { Recorded, Step } from '../../train/step/step';
import { columns } from '../../core/text/columns';
import { median } from './peers';

/** A learning rate so small that weights that are not meant to learn do not diverge. */
export const benchRate = 1e-8;

/** The time that a number of equal passes took. */
export interface Measured {
  readonly imagesPerSecond: number;
  readonly passes: number;
  /** The time of the median pass. */
  readonly milliseconds: number;
}

export interface Memory {
  readonly tensors: number;
  readonly residentBytes: number;
}

export interface TrainingMeasured extends Measured {
  /** Memory before the first timed update and after the last. */
  readonly memory: { readonly before: Memory; readonly after: Memory };
}

/** The result of `bench`. */
export interface Bench {
  readonly network: string;
  readonly batch: number;
  readonly backend: string;
  readonly step: string;
  readonly precision: string;
  readonly training: TrainingMeasured;
  readonly inference: Measured;
  /** Times of one update, in the network's order: medians over several updates, which are not those timed above. */
  readonly layers: readonly LayerTime[];
  /** Milliseconds of one inference pass, measured in the same way. */
  readonly inferenceLayers: readonly { readonly layer: string | null; readonly milliseconds: number }[];
  /** Null where updates are not recorded as graphs. */
  readonly recorded: Recorded | null;
  /** The peak resident memory of the process. */
  readonly peakBytes: number;
}

/** So small that weights that are not meant to learn do not diverge. */
const rate = 1e-8;

/** Times `steps` updates on one batch, after untimed warm-up updates: a tenth as many, but at least three. */
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

/** The time of one update by layer, in the model's order: medians over `updates` updates. */
export function measureLayers(
  step: Step,
  model: tf.LayersModel,
  batch: Batch,
  updates: number,
): Promise<readonly LayerTime[]> {
  const once = () =>
    step.profile?.layerTimes(batch, rate, 0) ?? timesByClock(model, () => step.run(batch, rate, 0));
  return medianTimes(once, updates, model);
}

/** Like `measureLayers`, for inference passes. */
export async function measureInferenceLayers(
  forward: Forward,
  model: tf.LayersModel,
  batch: Batch,
  passes: number,
): Promise<Bench['inferenceLayers']> {
  const times = await medianTimes(() => forward.layerTimes(batch), passes, model);
  return times.map(({ layer, forward: milliseconds }) => ({ layer, milliseconds }));
}

async function medianTimes(
  once: () => Promise<readonly LayerTime[]>,
  passes: number,
  { layers }: tf.LayersModel,
): Promise<readonly LayerTime[]> {
  const all: (readonly LayerTime[])[] = [];
  for (let index = 0; index < passes; index++) all.push(await once());
  const middle = (layer: string | null, pass: 'forward' | 'backward' | 'update') =>
    median(all.map((times) => times.find((time) => time.layer === layer)?.[pass] ?? 0));
  const met = new Set(all.flatMap((times) => times.map(({ layer }) => layer)));
  return [...layers.map(({ name }) => name), null]
    .filter((layer) => met.has(layer))
    .map((layer) => ({
      layer,
      forward: middle(layer, 'forward'),
      backward: middle(layer, 'backward'),
      update: middle(layer, 'update'),
    }));
}

/** Random images and labels from a fixed seed; their values do not change the cost of a step. */
export function randomBatch(size: number, shape: ImageShape, classes: number): Batch {
  const random = seededRandom(1);
  const length = size * elementCount(shape);
  const images = Float32Array.from({ length }, () => random.uniform(-1, 1));
  return { images, shape, labels: Int32Array.from({ length: size }, () => random.integer(classes)) };
}

/** A measurement for the terminal. */
export function benchText({
  network,
  batch,
  backend,
  step,
  precision,
  training,
  inference,
  layers,
  inferenceLayers,
  recorded,
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
    ...(recorded
      ? [
          `recording  ${recorded.seconds.toFixed(2)} s once; the session holds ${megabytes(recorded.sessionBytes)} of variables`,
        ]
      : []),
    '',
    ...layerLines(layers, inferenceLayers),
  ].join('\n');
}

/** Layer times in the format of `caffe time`; layers that run in parallel each count in full. */
function layerLines(layers: readonly LayerTime[], inference: Bench['inferenceLayers']): string[] {
  const cell = (milliseconds: number) => milliseconds.toFixed(2);
  const sum = (pass: 'forward' | 'backward' | 'update') =>
    layers.reduce((total, layer) => total + layer[pass], 0);
  const all = { layer: 'all', forward: sum('forward'), backward: sum('backward'), update: sum('update') };
  const whole = all.forward + all.backward + all.update;
  const inInference = (layer: string | null) =>
    inference.find((one) => one.layer === layer)?.milliseconds ?? 0;
  const allInference = inference.reduce((total, { milliseconds }) => total + milliseconds, 0);
  return columns(
    [
      ['layer', 'forward ms', 'backward ms', 'update ms', 'share', 'inference ms'],
      ...[...layers, all].map(({ layer, forward, backward, update }) => [
        layer ?? '(no layer)',
        cell(forward),
        cell(backward),
        cell(update),
        `${((100 * (forward + backward + update)) / whole).toFixed(1)} %`,
        cell(layer === 'all' ? allInference : inInference(layer)),
      ]),
    ],
    [1, 2, 3, 4, 5],
  );
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
