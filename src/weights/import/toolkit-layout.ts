/** How each toolkit names weights and orders their axes. */
import type { tf } from '../../core/tf';
import type { ForeignTensor } from '../formats/foreign-weights';
import type { Toolkit } from '../../core/network';

/**
 * The toolkits whose conventions a file may follow. `own` means this project's, also in files that it wrote in other
 * formats.
 */
export const conventions = ['caffe', 'pytorch', 'keras', 'own'] as const satisfies readonly (
  Toolkit | 'own'
)[];
/** One of `conventions`. */
export type Convention = (typeof conventions)[number];

/** The toolkits' names for display. */
export const conventionNames: Readonly<Record<Convention, string>> = {
  caffe: 'Caffe',
  pytorch: 'PyTorch',
  keras: 'Keras',
  own: 'cnn-lineage',
};

/** Each toolkit's names for a layer's weights, by our names for them. */
const weightNames: Readonly<Record<Convention, Readonly<Record<string, string>>>> = {
  caffe: { kernel: '0', bias: '1' },
  pytorch: {
    kernel: 'weight',
    bias: 'bias',
    gamma: 'weight',
    beta: 'bias',
    moving_mean: 'running_mean',
    moving_variance: 'running_var',
  },
  keras: {},
  own: {},
};

/** The name that a toolkit's file uses for a weight of the layer that it calls `layer`. */
export function tensorName(convention: Convention, layer: string, weight: string): string {
  const separator = convention === 'pytorch' ? '.' : '/';
  return `${layer}${separator}${weightNames[convention][weight] ?? weight}`;
}

/** Tensors that are not weights: PyTorch's count of normalisation updates, and the constants of an exported graph. */
export function isBookkeeping(convention: Convention, tensor: string): boolean {
  if (convention === 'own') return tensor.startsWith('constants/');
  return convention === 'pytorch' && tensor.endsWith('.num_batches_tracked');
}

/** How a file stores one of our weights. */
export interface TensorLayout {
  /**
   * The shape in the file. A second shape is that of the same values if a convolution replaces the fully connected
   * layer.
   */
  readonly shapes: readonly (readonly number[])[];
  /** Converts from the file's order to ours. May return its argument. */
  reorder(values: Float32Array): Float32Array;
}

/**
 * @param blueFirst whether the file's kernel takes the image's channels in the order blue, green, red
 * @param stored set if the outputs are the first axis of the file's kernels whatever the toolkit, as in ONNX; by
 *   default, they are as Caffe and PyTorch have it
 */
export function layoutOf(
  convention: Convention,
  layer: tf.layers.Layer,
  weight: tf.LayerVariable,
  blueFirst: boolean,
  stored?: ForeignTensor['stored'],
): TensorLayout {
  const outputsFirst = stored !== undefined || convention === 'caffe' || convention === 'pytorch';
  const shape = weight.shape as number[];
  // Kernels of three axes are those of our own layers, which no toolkit has.
  const isKernel = weight.originalName.endsWith('/kernel') && shape.length !== 3;
  if (!isKernel || (!outputsFirst && !blueFirst)) return { shapes: [shape], reorder: (values) => values };
  const kernel = stored?.interleaved && shape.length === 2 ? plainKernel(shape) : kernelOf(layer, shape);
  const { outputs, inputs, height, width } = kernel;
  if (!outputsFirst) return { shapes: [shape], reorder: (values) => redFirst(values, kernel) };
  const spatial = [outputs, inputs, height, width];
  return {
    shapes: shape.length === 4 ? [spatial] : [[outputs, inputs * height * width], spatial],
    reorder: (values) => inputsInside(values, kernel, blueFirst),
  };
}

/** A kernel with its outputs first: its shape, and how our order becomes that one. */
export function outputsFirst(
  layer: tf.layers.Layer,
  weight: tf.LayerVariable,
): { readonly shape: readonly number[]; order(values: Float32Array): Float32Array } {
  const shape = weight.shape as number[];
  const kernel = kernelOf(layer, shape);
  const { outputs, inputs, height, width } = kernel;
  return {
    shape: shape.length === 4 ? [outputs, inputs, height, width] : [outputs, inputs * height * width],
    order: (values) => inputsOutside(values, kernel),
  };
}

interface Kernel {
  readonly height: number;
  readonly width: number;
  /** The inputs of one group if the kernel is grouped. */
  readonly inputs: number;
  readonly outputs: number;
}

/** A fully connected layer after a flattening has the kernel of a convolution that sees the whole map. */
function kernelOf(layer: tf.layers.Layer, shape: readonly number[]): Kernel {
  if (shape.length === 4) {
    const [height, width, inputs, outputs] = shape as [number, number, number, number];
    return { height, width, inputs, outputs };
  }
  const outputs = shape[1]!;
  const { sourceLayer } = layer.inboundNodes[0]!.inputTensors[0]!;
  const below =
    sourceLayer.getClassName() === 'Flatten' ? (sourceLayer.input as tf.SymbolicTensor).shape : [];
  if (below.length !== 4) return plainKernel(shape);
  const [, height, width, maps] = below as [null, number, number, number];
  return { height, width, inputs: maps, outputs };
}

/** A full layer whose inputs are in our order. */
function plainKernel(shape: readonly number[]): Kernel {
  const [inputs, outputs] = shape as [number, number];
  return { height: 1, width: 1, inputs, outputs };
}

/** How many outputs are moved together: their rows stay in the processor's cache, which is five times as fast. */
const block = 32;

/** `[outputs, inputs, height, width]` → `[height, width, inputs, outputs]`. */
function inputsInside(
  values: Float32Array,
  { height, width, inputs, outputs }: Kernel,
  reverse: boolean,
): Float32Array {
  const moved = new Float32Array(values.length);
  const positions = height * width;
  const unit = inputs * positions;
  for (let first = 0; first < outputs; first += block) {
    const end = Math.min(first + block, outputs);
    for (let input = 0; input < inputs; input++) {
      const seen = reverse ? inputs - 1 - input : input;
      for (let position = 0; position < positions; position++) {
        const source = seen * positions + position;
        const target = (position * inputs + input) * outputs;
        for (let output = first; output < end; output++)
          moved[target + output] = values[output * unit + source]!;
      }
    }
  }
  return moved;
}

/** `[height, width, inputs, outputs]` → `[outputs, inputs, height, width]`. */
function inputsOutside(values: Float32Array, { height, width, inputs, outputs }: Kernel): Float32Array {
  const moved = new Float32Array(values.length);
  const positions = height * width;
  const unit = inputs * positions;
  for (let first = 0; first < outputs; first += block) {
    const end = Math.min(first + block, outputs);
    for (let input = 0; input < inputs; input++)
      for (let position = 0; position < positions; position++) {
        const source = (position * inputs + input) * outputs;
        const target = input * positions + position;
        for (let output = first; output < end; output++)
          moved[output * unit + target] = values[source + output]!;
      }
  }
  return moved;
}

/** Reverses the inputs of `[height, width, inputs, outputs]`. */
function redFirst(values: Float32Array, { height, width, inputs, outputs }: Kernel): Float32Array {
  const moved = new Float32Array(values.length);
  for (let row = 0; row < height * width * inputs; row++) {
    const input = row % inputs;
    const source = row - input + (inputs - 1 - input);
    moved.set(values.subarray(source * outputs, (source + 1) * outputs), row * outputs);
  }
  return moved;
}
