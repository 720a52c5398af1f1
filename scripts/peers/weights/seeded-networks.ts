/** Networks with seeded weights, and images for them, for comparing exports to Keras. */
import { createHash } from 'node:crypto';
import { networkNames, zoo, type NetworkName } from '../../../models/registry';
import { CeilPool } from '../../../src/layers/ceil-pool';
import { withoutDrawing } from '../../../src/layers/initialise/initialise';
import type { ImageShape, Network, Preprocess } from '../../../src/core/network';
import { tf } from '../../../src/core/tf';
import type { TrainedModel } from '../../../src/weights/trained-model';
import { readHdf5 } from '../../../src/weights/formats/keras/hdf5';

/**
 * Small image sides at which every layer still has something to do. Networks not listed here have small images anyway.
 */
const smallSides: readonly (readonly [name: RegExp, side: number])[] = [
  [/^alexnet|^caffenet/, 71],
  [/^vgg/, 32],
  [/^nin-imagenet/, 71],
  // The windows of the auxiliary heads need 5×5 positions of a map with a 16th of the image's side.
  [/^googlenet/, 96],
];

/** An image size that every layer of the network can handle: with `small` a small one, for speed, else the paper's. */
export function inputOf(name: SeededName, small: boolean): ImageShape {
  if (name === 'uneven-pooling') return [5, 6, 2];
  const { shape } = zoo[name].recipe.input;
  const side = small ? smallSides.find(([pattern]) => pattern.test(name))?.[1] : undefined;
  return side === undefined ? shape : [side, side, shape[2]];
}

/**
 * Pooling whose windows extend past one edge, past the other, or past both edges of a map that is smaller than they
 * are.
 */
const unevenPooling: Network = {
  ...zoo['lenet-caffe'],
  build: ({ input }) => {
    const image = tf.input({ shape: [...input!], name: 'image' });
    const pooled = (below: tf.SymbolicTensor, name: string, kind: 'max' | 'average') =>
      new CeilPool({ name, kind, size: 3, stride: 2 }).apply(below) as tf.SymbolicTensor;
    const kinds = ['max', 'average'] as const;
    const once = kinds.map((kind) => pooled(image, `${kind}1`, kind)); // 2×3 of 5×6
    const twice = once.map((below, index) => pooled(below, `${kinds[index]!}2`, kinds[index]!)); // 1×1
    const flat = [...once, ...twice].map(
      (below, index) => tf.layers.flatten({ name: `flat${index}` }).apply(below) as tf.SymbolicTensor,
    );
    const outputs = tf.layers.concatenate({ name: 'all' }).apply(flat) as tf.SymbolicTensor;
    return tf.model({ name: 'uneven-pooling', inputs: image, outputs });
  },
};

/** The names of the exported networks: the zoo's, and one for a case that the zoo lacks. */
export type SeededName = NetworkName | 'uneven-pooling';

export function seededNames(small: boolean): readonly SeededName[] {
  return small ? [...networkNames, 'uneven-pooling'] : networkNames;
}

export function networkOf(name: SeededName): Network {
  return name === 'uneven-pooling' ? unevenPooling : zoo[name];
}

/**
 * A network of the zoo whose weights are the same wherever it is built. They keep the size of signals through the
 * layers, so that the outputs are of the order of 1. The caller disposes of it.
 */
export function seededNetwork(name: SeededName, input: ImageShape): TrainedModel {
  const { build, recipe } = networkOf(name);
  const model = withoutDrawing(() => build({ classes: 10, input, seed: 1 }));
  fill(model, name === 'neocognitron');
  const source = { kind: 'made' };
  return { network: name, model, recipe, fitted: {}, labels: null, synsets: null, source };
}

/** Counts of images and synapses are made non-negative, and variances are about 1. */
function fill(model: tf.LayersModel, positive: boolean): void {
  const { imul, abs } = Math;
  let state = 1;
  for (const { originalName, shape, write } of boundWeights(model)) {
    if (originalName.endsWith('/codes')) continue;
    const isScale = /\/(?:gamma|moving_variance)$/.test(originalName);
    const bound = boundOf(originalName, shape);
    const values = new Float32Array(tf.util.sizeFromShape(shape));
    for (let at = 0; at < values.length; at++) {
      state = (imul(state, 1664525) + 1013904223) | 0;
      const value = bound * (state / 2147483648);
      values[at] = positive ? abs(value) : isScale ? 1 + value : value;
    }
    const tensor = tf.tensor(values, shape);
    write(tensor);
    tensor.dispose();
  }
}

/** ±√(6 / inputs) for multiplied weights, ±0.1 for added ones. */
function boundOf(name: string, shape: readonly number[]): number {
  if (name.endsWith('/coefficient')) return 1;
  if (shape.length === 1 || /\/(?:bias|counts)$/.test(name)) return 0.1;
  return (6 / (tf.util.sizeFromShape([...shape]) / shape.at(-1)!)) ** 0.5;
}

function boundWeights(model: tf.LayersModel) {
  return model.weights.map((weight) => ({
    originalName: weight.originalName,
    shape: weight.shape as number[],
    write: (value: tf.Tensor) => void weight.write(value),
  }));
}

/** The range of a network's input values: those of pixels minus a mean; S-cells accept no negative values. */
export function rangeOf(name: SeededName): readonly [least: number, most: number] {
  if (name === 'neocognitron') return [0, 1];
  const steps: readonly Preprocess[] = networkOf(name).recipe.input.preprocess;
  const asPixels = steps.some((step) => step.kind === 'subtract' && !step.deviation);
  return asPixels ? [-128, 128] : [-1, 1];
}

/** Two images with values spread over a range, the same as in `keras_exported.py`. */
export function seededImages(shape: ImageShape, [least, most]: readonly [number, number]): tf.Tensor4D {
  const length = 2 * tf.util.sizeFromShape([...shape]);
  const values = Float32Array.from(
    { length },
    (_, at) => least + (most - least) * (((7919 * at) % 2003) / 2002),
  );
  return tf.tensor4d(values, [2, ...shape]);
}

/** A network's outputs for the images, one for each of its output layers. */
export async function answersOf(
  { model }: TrainedModel,
  images: tf.Tensor4D,
): Promise<readonly number[][][]> {
  const outputs = [model.predict(images, { batchSize: 2 })].flat();
  const answers = await Promise.all(outputs.map((output) => output.array() as Promise<number[][]>));
  tf.dispose(outputs);
  return answers;
}

/** A digest of what an exported file's outputs depend on: its layers, and its weights in order. */
export async function digestOf(bytes: Uint8Array): Promise<string> {
  const attributes = ['model_config', 'layer_names', 'weight_names'];
  const found = await readHdf5(bytes, { attributes });
  const hash = createHash('sha256');
  for (const [path, texts] of [...found.attributes].sort(byPath)) hash.update(JSON.stringify([path, texts]));
  for (const [path, values] of found.datasets.map((one) => [one.path, one.values] as const).sort(byPath))
    hash.update(path).update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return hash.digest('hex');
}

function byPath([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}
