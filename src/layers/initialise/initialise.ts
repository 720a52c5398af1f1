/** Draws the weights of a new model, as the recipe's initialiser says. */
import { tf } from '../../core/tf';
import { nativeOp } from '../../core/tensorflow/native';
import type { Distribution, Initialiser, LayerStart } from '../../core/network';
import { deriveSeed, seededRandom } from '../../core/random';
import { nativeGaussian, statelessGaussian } from './stateless-gaussian';
import { preferredDirections } from './preferred-directions';

/** A layer of our own whose weights are drawn by the recipe's initialiser. */
export interface FanInLayer {
  /**
   * The number of inputs of the unit that a weight belongs to, without the bias:
   * one number for the whole layer, or one for each index along the weight's last axis.
   * @param name the weight's own name, for layers that have several weights of one kind
   */
  fanIn(weight: 'kernel' | 'bias', name: string): FanIn;
}

type FanIn = number | readonly number[];

/**
 * Draws the trainable weights of a new model, each with a seed derived from its name, so that a layer's
 * values do not depend on the layers before it. Draws the weights of tfjs layers with a kernel and of our layers that
 * define their fan-in; every other weight (batch normalisation, fixed codes) keeps the layer's own initial values.
 * Uniform numbers are the same on every backend. If the backend is native TensorFlow, it draws the Gaussian numbers,
 * without a second copy in JavaScript; 1.5 % of them then differ from those of the other backends, which are all the
 * same, in the last bits (by 5e-7 of their value at most).
 */
export function initialise(model: tf.LayersModel, initialiser: Initialiser, seed: number): void {
  if (!drawing) return;
  for (const layer of model.layers) {
    const start: LayerStart = { ...initialiser, ...initialiser.layers?.[layer.name] };
    for (const weight of layer.trainableWeights) {
      const kind = /\/(?:bias|inhibition)$/.test(weight.originalName) ? 'bias' : 'kernel';
      const fanIn = fanInOf(layer, kind, weight.originalName.split('/').at(-1)!);
      if (fanIn === undefined) continue;
      const values = draw(
        start,
        kind,
        fanIn,
        weight.shape as number[],
        deriveSeed(seed, weight.originalName),
      );
      weight.write(values);
      values.dispose();
    }
  }
}

let drawing = true;

/**
 * Runs `build` without drawing weights. The weights remain zeros, which take no memory until they are read: for
 * inspecting the shapes of large networks.
 */
export function withoutDrawing<T>(build: () => T): T {
  drawing = false;
  try {
    return build();
  } finally {
    drawing = true;
  }
}

function fanInOf(layer: tf.layers.Layer, kind: 'kernel' | 'bias', name: string): FanIn | undefined {
  if ('fanIn' in layer) return (layer as unknown as FanInLayer).fanIn(kind, name);
  const kernel = layer.trainableWeights.find((weight) => weight.originalName.endsWith('/kernel'));
  return kernel?.shape.slice(0, -1).reduce<number>((product, size) => product * size!, 1);
}

function draw(
  start: LayerStart,
  kind: 'kernel' | 'bias',
  fanIn: FanIn,
  shape: number[],
  seed: number,
): tf.Tensor {
  if (kind === 'bias' && start.bias !== 'asKernel') return tf.fill(shape, start.bias);
  const { kernel } = start;
  switch (kernel.kind) {
    case 'uniformOverFanIn':
      return uniform(shape, (inputs) => kernel.scale / inputs, fanIn, seed);
    case 'uniformOverRootFanIn':
      return uniform(shape, (inputs) => kernel.scale / Math.sqrt(inputs), fanIn, seed);
    case 'gaussian':
    case 'truncatedGaussian':
      return gaussian(shape, kernel, seed);
    case 'preferredDirections':
      return preferredDirections(shape, kernel);
    default:
      return kernel satisfies never;
  }
}

function uniform(shape: number[], bound: (inputs: number) => number, fanIn: FanIn, seed: number): tf.Tensor {
  const random = seededRandom(seed);
  const last = shape.at(-1)!;
  const values = new Float32Array(tf.util.sizeFromShape(shape));
  for (let index = 0; index < values.length; index++) {
    const limit = bound(typeof fanIn === 'number' ? fanIn : fanIn[index % last]!);
    values[index] = random.uniform(-limit, limit);
  }
  return tf.tensor(values, shape);
}

function gaussian(
  shape: number[],
  { kind, deviation }: Extract<Distribution, { readonly deviation: number }>,
  seed: number,
): tf.Tensor {
  const drawn = { shape, deviation, truncated: kind === 'truncatedGaussian', seed };
  const native = nativeOp();
  return native ? nativeGaussian(native, drawn) : statelessGaussian(drawn);
}
