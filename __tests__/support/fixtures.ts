import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset, Splits } from '../../src/data/dataset';
import { UserError } from '../../src/core/errors';
import { tf } from '../../src/core/tf';
import { seededRandom } from '../../src/core/random';
import { isSetUp } from '../../src/runtime/native/native';
import { useBackend, type BackendName } from '../../src/runtime/backend';
import { checkedLine } from '../../src/core/io/checked-lines';
import { parseSealedJson, sealedJson } from '../../src/core/text/sealed-json';
import { projectRoot } from './places';

/** A folder of the test's own, removed after the file's tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cnn-lineage-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * `it` for what needs native TensorFlow; skipped where it is not set up. The backend test fails where it could be.
 */
export const itOnTensorFlow = isSetUp(false) ? it : it.skip;

/** Runs a check on every backend that is here; wasm and cpu always are. */
export async function onEveryBackend(check: (backend: BackendName) => Promise<void>): Promise<void> {
  const best = (await useBackend()).backend;
  for (const backend of new Set<BackendName>([best, 'wasm', 'cpu'])) {
    await useBackend(backend);
    await check(backend);
  }
}

/** Numbers uniform in [−1, 1], in a tensor. */
export function randomTensor(shape: number[], seed: number): tf.Tensor {
  const random = seededRandom(seed);
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.uniform(-1, 1)),
    shape,
  );
}

/**
 * Weights uniform in ±√(gain / fan-in), from the simplest generator there is. The recipes' own starts suit their full
 * sizes, and drawing millions of numbers well takes longer than learning from eight images.
 */
export function fillWeights(model: tf.LayersModel, gain = 6): void {
  const { imul } = Math;
  let state = 1;
  for (const layer of model.layers) {
    for (const weight of layer.trainableWeights) {
      if (!/kernel|coefficient|combination/.test(weight.originalName)) continue;
      const shape = weight.shape as number[];
      const inputs = shape.length === 1 ? 4 : tf.util.sizeFromShape(shape) / shape.at(-1)!;
      const bound = (gain / inputs) ** 0.5;
      const values = new Float32Array(tf.util.sizeFromShape(shape));
      for (let at = 0; at < values.length; at++) {
        state = (imul(state, 1664525) + 1013904223) | 0;
        values[at] = bound * (state / 2147483648);
      }
      const tensor = tf.tensor(values, shape);
      weight.write(tensor);
      tensor.dispose();
    }
  }
}

/** A model of one layer, its weights drawn from the seed. */
export function modelOf(layer: tf.layers.Layer, inputShape: number[], seed: number): tf.LayersModel {
  const input = tf.input({ shape: inputShape });
  const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
  model.setWeights(model.getWeights().map((weight, index) => randomTensor(weight.shape, seed + index)));
  return model;
}

/** A model written and read back by tfjs's own format, through memory. */
export async function savedAndLoaded(model: tf.LayersModel): Promise<tf.LayersModel> {
  let kept: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      kept = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  return tf.loadLayersModel(tf.io.fromMemory(kept!));
}

/**
 * The largest difference between a model's gradients and central finite differences of Σ output · projection,
 * over its trainable weights and its input, relative to the largest gradient of each.
 */
export async function gradientError(model: tf.LayersModel, input: tf.Tensor, step = 1e-2): Promise<number> {
  const projection = tf.tidy(() => randomTensor((model.apply(input) as tf.Tensor).shape, 99));
  const value = (at: tf.Tensor) =>
    tf.tidy(() => (model.apply(at) as tf.Tensor).mul(projection).sum().asScalar());
  const weights = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const analytic = tf.tidy(() => {
    const grads = weights.length ? tf.variableGrads(() => value(input), weights).grads : {};
    return [tf.grad(value)(input), ...weights.map((weight) => grads[weight.name]!)];
  });
  let worst = 0;
  for (const [index, gradient] of analytic.entries()) {
    const values = await (index ? weights[index - 1]! : input).data<'float32'>();
    const expected = await gradient.data<'float32'>();
    const largest = expected.reduce((high, entry) => Math.max(high, Math.abs(entry)), 0);
    const shifted = (place: number, by: number) => {
      const moved = tf.tensor(
        values.map((entry, at) => (at === place ? entry + by : entry)),
        gradient.shape,
      );
      if (!index) return value(moved).dataSync()[0]!;
      weights[index - 1]!.assign(moved);
      return value(input).dataSync()[0]!;
    };
    for (let place = 0; place < values.length; place++) {
      const numeric = (shifted(place, step) - shifted(place, -step)) / (2 * step);
      worst = Math.max(worst, Math.abs(numeric - expected[place]!) / largest);
      if (index) weights[index - 1]!.assign(tf.tensor(values, gradient.shape));
    }
  }
  return worst;
}

/** A data set as a folder of raw IDX files, as MNIST's are laid out. */
export async function writeIdxFolder(folder: string, { train, test }: Splits<Dataset>): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const [part, data] of [
    ['train', train],
    ['t10k', test],
  ] as const) {
    const all = Int32Array.from(data.labels, (_, index) => index);
    const header = (magic: number, sizes: number[]) => {
      const words = Buffer.alloc(4 * (1 + sizes.length));
      [magic, ...sizes].forEach((word, index) => words.writeUInt32BE(word, 4 * index));
      return words;
    };
    const [height, width] = data.shape;
    const pixels = Buffer.concat([header(0x803, [all.length, height, width]), await data.pixels(all)]);
    writeFileSync(join(folder, `${part}-images-idx3-ubyte`), pixels);
    const labels = Buffer.concat([header(0x801, [all.length]), Uint8Array.from(data.labels)]);
    writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), labels);
  }
}

/** A kept file of JSON, or of a JSON value a line, with another text and the digest or checksums of that. */
export function rewriteKept(path: string, change: (text: string) => string): void {
  const text = change(readFileSync(path, 'utf8'));
  const sealed = () => JSON.stringify(sealedJson(JSON.parse(text) as object), null, 2);
  const checked = () => text.trimEnd().split('\n').map((line) => checkedLine(JSON.parse(line) as object)); // prettier-ignore
  writeFileSync(path, path.endsWith('.jsonl') ? checked().join('') : sealed());
}

/** What a kept file of JSON holds, without its digest. */
export function keptJson<T>(path: string): T {
  return parseSealedJson(readFileSync(path, 'utf8'), path, 'JSON') as T;
}

/** Starts `cnn-lineage`, as `jest/compile.js` has compiled it; what npm's scripts start is the same from the sources. */
export function startCommand(words: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, ['dist-for-tests/scripts/cnn-lineage.js', ...words], {
    cwd: projectRoot,
    // What npm says of `npm test` is not of this command.
    env: { ...process.env, npm_lifecycle_script: undefined, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a started command printed, once it has ended. */
export function ended(child: ChildProcess): Promise<Ended> {
  const text = { stdout: '', stderr: '' };
  child.stdout!.on('data', (part) => (text.stdout += String(part)));
  child.stderr!.on('data', (part) => (text.stderr += String(part)));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...text }));
  });
}

/** Runs a command to its end. */
export function command(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return ended(startCommand(words, environment));
}

/**
 * A test of real data, handed the folder that `LINEAGE_DATA` names. Where it names none, the data is not there, and
 * the test is skipped under a name that says why.
 */
export function testOnRealData(name: string, check: (root: string) => Promise<void>): void {
  const root = process.env['LINEAGE_DATA'];
  if (root) test(name, () => check(root));
  else test.skip(`${name} (LINEAGE_DATA names no folder)`, () => undefined);
}

/** The one line of a `UserError`. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).not.toContain('\n');
  return (error as UserError).message;
}
