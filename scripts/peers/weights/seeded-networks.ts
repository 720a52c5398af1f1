/** Networks with seeded weights, and images for them, that exports to Keras are compared on. */
import { createHash } from 'node:crypto';
import { networkNames, zoo, type NetworkName } from '../../../models/registry';
import { CeilPool } from '../../../src/layers/ceil-pool';
import { withoutDrawing } from '../../../src/layers/initialise/initialise';
import type { ImageShape, Network, Preprocess } from '../../../src/core/network';
import { tf } from '../../../src/core/tf';
import type { TrainedModel } from '../../../src/weights/trained-model';
import { readHdf5 } from '../../../src/weights/formats/keras/hdf5';

/** Sides of images that are small, and leave every layer something to do; of other networks, the papers' are small. */
const smallSides: readonly (readonly [name: RegExp, side: number])[] = [
  [/^alexnet|^caffenet/, 71],
  [/^vgg/, 32],
  [/^nin-imagenet/, 71],
  // The auxiliary heads' windows take 5×5, a 16th of the image.
  [/^googlenet/, 96],
];

/** Sizes of images that leave a network all of its layers, the smaller the quicker; without `small`, the paper's. */
export function inputOf(name: SeededName, small: boolean): ImageShape {
  if (name === 'uneven-pooling') return [5, 6, 2];
  const { shape } = zoo[name].recipe.input;
  const side = small ? smallSides.find(([pattern]) => pattern.test(name))?.[1] : undefined;
  return side === undefined ? shape : [side, side, shape[2]];
}

/** Pooling whose windows reach over one edge, over the other, and over both of a map that is smaller than they are. */
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

/** What is exported to be compared: the zoo's networks, and what they have no case of. */
export type SeededName = NetworkName | 'uneven-pooling';

export function seededNames(small: boolean): readonly SeededName[] {
  return small ? [...networkNames, 'uneven-pooling'] : networkNames;
}

export function networkOf(name: SeededName): Network {
  return name === 'uneven-pooling' ? unevenPooling : zoo[name];
}

/**
 * A network of the zoo with weights that are the same wherever it is built, and keep the size of what passes through, so
 * that its answers are of the order of 1. Whoever asked for it disposes of it.
 */
export function seededNetwork(name: SeededName, input: ImageShape): TrainedModel {
  const { build, recipe } = networkOf(name);
  const model = withoutDrawing(() => build({ classes: 10, input, seed: 1 }));
  fill(model, name === 'neocognitron');
  const source = { kind: 'made' };
  return { network: name, model, recipe, fitted: {}, labels: null, synsets: null, source };
}

/** Whatever stands for numbers of images or for synapses is at least 0, and variances are about 1. */
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

/** ±√(6 / inputs) for what is multiplied, ±0.1 for what is added. */
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

/** Between which values a network's images lie: less a mean, as pixels do; cells take none below 0. */
export function rangeOf(name: SeededName): readonly [least: number, most: number] {
  if (name === 'neocognitron') return [0, 1];
  const steps: readonly Preprocess[] = networkOf(name).recipe.input.preprocess;
  const asPixels = steps.some((step) => step.kind === 'subtract' && !step.deviation);
  return asPixels ? [-128, 128] : [-1, 1];
}

/** Two images whose values are spread over a range, as `keras_exported.py` makes them too. */
export function seededImages(shape: ImageShape, [least, most]: readonly [number, number]): tf.Tensor4D {
  const length = 2 * tf.util.sizeFromShape([...shape]);
  const values = Float32Array.from(
    { length },
    (_, at) => least + (most - least) * (((7919 * at) % 2003) / 2002),
  );
  return tf.tensor4d(values, [2, ...shape]);
}

/** A network's answers to images, of each of its outputs. */
export function answersOf({ model }: TrainedModel, images: tf.Tensor4D): readonly number[][][] {
  return tf.tidy(() =>
    [model.predict(images, { batchSize: 2 })].flat().map((output) => output.arraySync() as number[][]),
  );
}

/** What an exported file's answers follow from: its layers, and its weights in their order. */
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
