/**
 * Measures what kernels of 16 and 8 bits cost GoogLeNet, in each format that has them, on ImageNet's validation images:
 *
 *     npx tsx scripts/peers/weights/onnx/measure-stored.ts FOLDER [FORMAT …]     # LINEAGE_DATA with googlenet/ and imagenet-val/
 *
 * ONNX files are opened by onnxruntime, TensorFlow.js's by its own loader, and safetensors by `import`. Prints a table.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loaded } from '../../../../__tests__/support/weights/exported-model';
import { zoo } from '../../../../models/registry';
import { preprocess } from '../../../../src/data/preprocess/preprocess';
import { UserError } from '../../../../src/core/errors';
import { elementCount } from '../../../../src/core/shape';
import { columns } from '../../../../src/core/text/columns';
import { tf } from '../../../../src/core/tf';
import { useBackend } from '../../../../src/runtime/backend';
import { forwardOf } from '../../../../src/evaluate/scores/forward';
import { importWeights } from '../../../../src/weights/import/import-weights';
import { weightTypes } from '../../../../src/weights/export/weight-types';
import { exportModel, openTrained } from '../../../../verbs';
import { fail, note } from '../../../cli/terminal/output';
import { imagenetPixels, type ImagenetPixels } from './imagenet-pixels';
import { runInPython } from './onnx-python';

const name = 'googlenet';
const batch = 20;

/** Class scores of all images, one after the other. */
type Scores = Float32Array;

async function main(folder: string | undefined, formats: readonly string[]): Promise<void> {
  const wanted = (format: string) => formats.length === 0 || formats.includes(format);
  if (folder === undefined) throw new UserError('measure-stored: expected a folder, found none');
  await useBackend();
  mkdirSync(folder, { recursive: true });
  const seen = await imagenetPixels();
  writeFileSync(join(folder, 'images.pixels'), seen.pixels);
  const trained = await openTrained(name);
  const ours = await scoresOf(seen, forwardOf(trained.model).run);
  const rows = [['file', 'MB', 'top-1 error', 'top-5 error', 'largest difference of a probability']];
  const add = (what: string, bytes: number | undefined, scores: Scores) => {
    const { top1, top5 } = errorsOf(scores, seen.labels);
    const apart = largestDifference(probabilities(ours), probabilities(scores));
    const megabytes = bytes === undefined ? '' : (bytes / 1e6).toFixed(1);
    rows.push([what, megabytes, percent(top1), percent(top5), apart.toExponential(1)]);
    note(rows.at(-1)!.join('  '));
  };
  add('here, float32', undefined, ours);
  for (const weightsAs of wanted('tfjs') ? weightTypes : []) {
    const out = join(folder, `tfjs-${weightsAs}`);
    rmSync(out, { recursive: true, force: true });
    await exportModel(name, { format: 'tfjs', weightsAs, out });
    const model = await loaded(out);
    const scores = await scoresOf(seen, async ({ images: values, shape }) => {
      const given = tf.tensor4d(values, [values.length / elementCount(shape), ...shape]);
      const answers = model.predict(given) as tf.Tensor;
      const data = (await answers.data<'float32'>()).slice();
      tf.dispose([given, answers]);
      return data;
    });
    model.dispose();
    add(`TensorFlow.js, ${weightsAs}`, weightBytes(out), scores);
  }
  for (const weightsAs of wanted('safetensors') ? (['float32', 'float16'] as const) : []) {
    const out = join(folder, `${weightsAs}.safetensors`);
    const { bytes } = await exportModel(name, { format: 'safetensors', weightsAs, out });
    const { model } = await importWeights(out, zoo[name]);
    add(`safetensors, ${weightsAs}`, bytes, await scoresOf(seen, forwardOf(model).run));
  }
  for (const weightsAs of wanted('onnx') ? weightTypes : []) {
    const out = join(folder, `${weightsAs}.onnx`);
    const { bytes } = await exportModel(name, { format: 'onnx', weightsAs, out });
    await runInPython('stored_answers.py', [out, join(folder, 'images.pixels')]);
    add(`ONNX, ${weightsAs}`, bytes, scoresIn(`${out}.scores`));
  }
  process.stdout.write(`${columns(rows, [1, 2, 3, 4]).join('\n')}\n`);
}

async function scoresOf(
  { pixels, labels, shape }: ImagenetPixels,
  run: (given: { images: Float32Array; shape: ImagenetPixels['shape'] }) => Promise<Float32Array>,
): Promise<Scores> {
  const size = pixels.length / labels.length;
  const found: Float32Array[] = [];
  for (let start = 0; start < labels.length; start += batch) {
    const part = pixels.subarray(start * size, (start + batch) * size);
    const count = part.length / size;
    const { values } = preprocess(part, count, shape, zoo[name].recipe.input.preprocess);
    found.push(await run({ images: values, shape }));
  }
  const all = new Float32Array(found.reduce((sum, { length }) => sum + length, 0));
  found.reduce((at, scores) => (all.set(scores, at), at + scores.length), 0);
  return all;
}

/** The files with numbers, without the page beside them. */
function weightBytes(folder: string): number {
  const files = readdirSync(folder).filter((file) => file === 'model.json' || file.endsWith('.bin'));
  return files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}

function scoresIn(path: string): Scores {
  return new Float32Array(new Uint8Array(readFileSync(path)).buffer);
}

function errorsOf(scores: Scores, labels: readonly number[]): { top1: number; top5: number } {
  const classes = scores.length / labels.length;
  let [wrong1, wrong5] = [0, 0];
  for (const [image, label] of labels.entries()) {
    const own = scores.subarray(image * classes, (image + 1) * classes);
    const better = own.reduce((count, score) => count + (score > own[label]! ? 1 : 0), 0);
    if (better > 0) wrong1++;
    if (better > 4) wrong5++;
  }
  return { top1: wrong1 / labels.length, top5: wrong5 / labels.length };
}

function probabilities(scores: Scores): Scores {
  return tf.tidy(() =>
    tf
      .softmax(tf.tensor2d(scores, [scores.length / 1000, 1000]))
      .dataSync<'float32'>()
      .slice(),
  );
}

function largestDifference(one: Scores, other: Scores): number {
  let most = 0;
  for (let at = 0; at < one.length; at++) {
    const apart = Math.abs(one[at]! - other[at]!);
    if (apart > most) most = apart;
  }
  return most;
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

main(process.argv[2], process.argv.slice(3)).catch(fail);
