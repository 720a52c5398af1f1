/** One turn of a timing, the same function in a page and in Node. */
import type * as browser from '../../../browser';
import type { NetworkName } from '../../../models/registry';
import type { tf } from '../../../src/core/tf';

export type Work = 'training' | 'inference';

/** What is timed. */
export interface Turn {
  readonly network: NetworkName;
  readonly batch: number;
  readonly work: Work;
  /** This project's loop from stored pixels, or tfjs's `fit` and `predict` from a tensor of prepared images. */
  readonly by: 'ours' | 'tfjs';
  readonly batches: number;
}

/** @returns milliseconds a batch, after one that is not counted */
export async function timedTurn(lib: typeof browser, turn: Turn): Promise<number> {
  const { network, batch, batches } = turn;
  const { build, recipe } = lib.zoo[network];
  const classes = 10;
  const model = build({ classes, seed: 1 });
  const own = { ...recipe, epochs: 1, batchSize: batch, augment: [] };
  const { shape, stored }: browser.Recipe['input'] = recipe.input;
  const [height, width] = stored ?? shape;
  const channels = shape[2];
  const images = batch * (batches + 2); // the first is not counted, and after the last the weights are kept
  const data = lib.datasetInMemory({
    name: 'noise',
    synthetic: true,
    classes: Array.from({ length: classes }, (_, index) => String(index)),
    labels: Int32Array.from({ length: images }, (_, index) => index % classes),
    shape: [height, width, channels],
    pixels: Uint8Array.from(
      { length: images * height * width * channels },
      (_, at) => (at * 2654435761) >>> 24,
    ),
  });
  const milliseconds =
    turn.by === 'ours' ? await byUs(lib, model, own, data, turn) : await byTfjs(lib, model, own, data, turn);
  model.dispose();
  return milliseconds;
}

async function byUs(
  lib: typeof browser,
  model: tf.LayersModel,
  recipe: browser.Recipe,
  data: browser.Dataset,
  { work, batch, batches }: Turn,
): Promise<number> {
  if (work === 'training') {
    let started = 0;
    for await (const { step } of lib.train({ model, recipe, data, seed: 1 })) {
      if (step === 1) started = performance.now();
      if (step === batches + 1) return (performance.now() - started) / batches;
    }
    throw new Error('expected more updates');
  }
  const answers = async (from: number, images: number) => {
    const shown = lib.subset(
      data,
      Int32Array.from({ length: images }, (_, at) => from + at),
      'some',
    );
    let scored = 0;
    for await (const { scores } of lib.predict({ model, recipe, data: shown, batchSize: batch }))
      scored += scores.length;
    if (scored !== images * data.classes.length) throw new Error('expected scores of all images');
  };
  await answers(0, batch);
  const started = performance.now();
  await answers(batch, batch * batches);
  return (performance.now() - started) / batches;
}

async function byTfjs(
  lib: typeof browser,
  model: tf.LayersModel,
  recipe: browser.Recipe,
  data: browser.Dataset,
  { work, batch, batches }: Turn,
): Promise<number> {
  const { tf } = lib;
  const images = data.labels.length;
  const all = await data.pixels(Int32Array.from({ length: images }, (_, index) => index));
  const prepared = lib.preprocess(all, images, data.shape, recipe.input.preprocess, {
    mean: new Float32Array(recipe.input.shape.reduce((size, side) => size * side, 1)),
  });
  const input = tf.tensor4d(prepared.values, [images, ...prepared.shape]);
  const first = input.slice([0], [batch]);
  const rest = input.slice([batch], [batch * batches]);
  let started: number;
  if (work === 'training') {
    const labels = tf.oneHot(tf.tensor1d([...data.labels], 'int32'), data.classes.length);
    const momentum = recipe.optimiser.kind === 'momentum' ? recipe.optimiser.momentum : 0;
    model.compile({ optimizer: tf.train.momentum(1e-4, momentum), loss: lib.lossFor(recipe, model) });
    const options = { batchSize: batch, epochs: 1, shuffle: false, verbose: 0 } as const;
    await model.fit(first, labels.slice([0], [batch]), options);
    started = performance.now();
    await model.fit(rest, labels.slice([batch], [batch * batches]), options);
    labels.dispose();
  } else {
    const answers = async (shown: tf.Tensor) => {
      const scores = [model.predict(shown, { batchSize: batch })].flat()[0] as tf.Tensor;
      await scores.data();
      scores.dispose();
    };
    await answers(first);
    started = performance.now();
    await answers(rest);
  }
  tf.dispose([input, first, rest]);
  return (performance.now() - started) / batches;
}
