/** Finds Keras's layers that compute the same as one of ours. */
import { AdaptiveAveragePool } from '../../../layers/adaptive-average-pool';
import { CCells } from '../../../layers/neocognitron/c-cells';
import { CeilPool } from '../../../layers/ceil-pool';
import { ClassVotes } from '../../../layers/neocognitron/class-votes';
import { GroupedConv2D } from '../../../layers/grouped-conv';
import { LearnedCombination } from '../../../layers/learned-combination';
import { Lrn, type LrnOptions } from '../../../layers/lrn';
import { Rbf } from '../../../layers/rbf';
import { amplitude, ScaledTanh, slope } from '../../../layers/scaled-tanh';
import { SCells } from '../../../layers/neocognitron/s-cells';
import { SeededDropout } from '../../../layers/seeded-dropout';
import { Subsample } from '../../../layers/subsample';
import { SubsetConv2D, type SubsetConv2DOptions } from '../../../layers/subset-conv';
import type { tf } from '../../../core/tf';
import { cCells, classVotes, sCells } from './neocognitron';
import { adaptivePooling, ceilPooling } from './pooling';
import {
  convolution,
  einsum,
  filled,
  identity,
  power,
  product,
  rescaling,
  reshaped,
  steps,
  zeroPadding,
  type KerasStep,
  type KerasWeight,
} from './step';

/** Layers that are the same in TensorFlow.js and Keras. */
const shared = new Set([
  'InputLayer',
  'Conv2D',
  'Dense',
  'Flatten',
  'MaxPooling2D',
  'AveragePooling2D',
  'GlobalAveragePooling2D',
  'BatchNormalization',
  'Concatenate',
  'ReLU',
  'ZeroPadding2D',
]);

/**
 * Keras layers that together compute the same as one of our layers, without code in the file: no Lambda and
 * no custom class.
 * @param described TensorFlow.js's description of the layer, in Keras's terms
 * @returns undefined if Keras has no equivalent
 */
export function kerasLayer(
  layer: tf.layers.Layer,
  {
    class_name: kind,
    config,
  }: Pick<{ class_name: string; config: KerasStep['config'] }, 'class_name' | 'config'>,
): readonly KerasStep[] | undefined {
  if (shared.has(kind)) return [{ kind, config }];
  if (layer instanceof SeededDropout) return [{ kind: 'Dropout', config }];
  if (layer instanceof GroupedConv2D) return [groupedConvolution(config)];
  if (layer instanceof CeilPool) return ceilPooling(layer);
  if (layer instanceof AdaptiveAveragePool) return adaptivePooling(layer);
  if (layer instanceof ScaledTanh) return scaledTanh();
  if (layer instanceof Lrn) return responseNormalisation(layer);
  if (layer instanceof Subsample) return [subsampling(layer)];
  if (layer instanceof SubsetConv2D) return subsetConvolution(layer);
  if (layer instanceof LearnedCombination) return [learnedCombination(layer)];
  if (layer instanceof Rbf) return distances(layer);
  if (layer instanceof SCells) return sCells(layer);
  if (layer instanceof CCells) return cCells(layer);
  if (layer instanceof ClassVotes) return classVotes(layer);
  return undefined;
}

function groupedConvolution({
  filters,
  kernel_size: side,
  groups,
  activation = 'linear',
}: KerasStep['config']): KerasStep {
  const settings = {
    filters,
    kernel_size: [side, side],
    strides: [1, 1],
    padding: 'same',
    groups,
    activation,
  };
  return { kind: 'Conv2D', config: { ...settings, use_bias: true, data_format: 'channels_last' } };
}

function scaledTanh(): readonly KerasStep[] {
  return steps(
    ['slope', rescaling(slope)],
    ['tanh', { kind: 'Activation', config: { activation: 'tanh' } }],
    ['', rescaling(amplitude)],
  );
}

/** a / (k + α Σ a²)^β: the sums are averages over the axis of the maps, which is padded with zeros. */
function responseNormalisation(layer: Lrn): readonly KerasStep[] {
  const { size, k, alpha, beta } = layer.getConfig() as unknown as LrnOptions;
  const [height, width, maps] = sidesOf(layer);
  const beyond = (size - 1) / 2;
  const averages = { pool_size: [1, size], strides: [1, 1], padding: 'valid' };
  return steps(
    ['squares', product('input', 'input')],
    ['flat', reshaped(height * width, maps, 1)],
    ['bordered', zeroPadding([0, 0], [beyond, beyond])],
    ['means', { kind: 'AveragePooling2D', config: averages }],
    ['sums', rescaling(alpha * size, k)],
    ['maps', reshaped(height, width, maps)],
    ['factors', power(-beta)],
    ['', product('input', 'factors')],
  );
}

/**
 * A window's sum times the map's coefficient is a depthwise convolution whose kernel is that coefficient everywhere.
 */
function subsampling(layer: Subsample): KerasStep {
  const { size } = layer.getConfig() as unknown as { readonly size: number };
  const [, , maps] = sidesOf(layer);
  const sides = [size, size];
  return {
    kind: 'DepthwiseConv2D',
    config: { kernel_size: sides, strides: sides, padding: 'valid', use_bias: true },
    weights: ({ coefficient, bias }) => ({
      depthwise_kernel: {
        shape: [size, size, maps, 1],
        values: filled(size * size * maps, (at) => coefficient!.values[at % maps]!),
      },
      bias: bias!,
    }),
  };
}

/** A convolution over all maps, in which missing links have the weight 0. */
function subsetConvolution(layer: SubsetConv2D): readonly KerasStep[] {
  const options = layer.getConfig() as unknown as Required<SubsetConv2DOptions>;
  const { kernelSize, table, stride, biases } = options;
  const [, , maps] = sidesOf(layer);
  const bordered = border(options);
  const kernelOf = ({ values }: KerasWeight): KerasWeight => ({
    shape: [kernelSize, kernelSize, maps, table.length],
    values: denseKernel(values, options, maps),
  });
  const size = { filters: table.length, kernelSize, strides: stride } as const;
  if (biases === 'perMap') {
    const sums = convolution(size, ({ kernel, bias }) => ({ kernel: kernelOf(kernel!), bias: bias! }));
    return [...bordered, ...steps(['', sums])];
  }
  const sums = convolution({ ...size, useBias: false }, ({ kernel }) => ({ kernel: kernelOf(kernel!) }));
  const outside = (layer.output as tf.SymbolicTensor).shape.slice(1) as number[];
  const biased = einsum('abcd,de->abce', outside, identity(table.length), {
    axes: 'bce',
    of: ({ bias }) => bias!,
  });
  return [...bordered, ...steps(['sums', sums], ['', biased])];
}

/** Keras pads maps only with zeros: a border of another value is shifted to 0 while padding. */
function border({ border: { width, value } }: Required<SubsetConv2DOptions>): readonly KerasStep[] {
  if (width === 0) return [];
  const around = ['bordered', zeroPadding([width, width], [width, width])] as const;
  if (value === 0) return steps(around);
  return steps(['above', rescaling(1, -value)], around, ['below', rescaling(1, value)]);
}

/** `[k, k, maps, outputs]` from `[k, k, links]`, which are ordered by output map, then by input map. */
function denseKernel(
  links: Float32Array,
  { kernelSize, table }: Required<SubsetConv2DOptions>,
  maps: number,
): Float32Array {
  const outputs = table.length;
  const places = table.flatMap((inputs, output) => inputs.map((input) => input * outputs + output));
  const dense = new Float32Array(kernelSize ** 2 * maps * outputs);
  for (let pixel = 0; pixel < kernelSize ** 2; pixel++)
    places.forEach((place, link) => {
      dense[pixel * maps * outputs + place] = links[pixel * places.length + link]!;
    });
  return dense;
}

/** A combination of convolved maps is one convolution with combined kernels, α_ij k_i, with the current α. */
function learnedCombination(layer: LearnedCombination): KerasStep {
  const { maps: outputs, kernelSize } = layer.getConfig() as unknown as { maps: number; kernelSize: number };
  const [, , maps] = sidesOf(layer);
  return convolution({ filters: outputs, kernelSize }, ({ kernel, combination, bias }) => {
    const shares = softmaxRows(combination!.values, maps); // [outputs, maps]
    const values = filled(kernelSize ** 2 * maps * outputs, (at) => {
      const [above, output] = [Math.floor(at / outputs), at % outputs];
      return kernel!.values[above]! * shares[output * maps + (above % maps)]!;
    });
    return { kernel: { shape: [kernelSize, kernelSize, maps, outputs], values }, bias: bias! };
  });
}

function softmaxRows(values: Float32Array, length: number): Float32Array {
  return values.map((value, at) => {
    const start = at - (at % length);
    const row = values.subarray(start, start + length);
    return Math.exp(value) / row.reduce((sum, one) => sum + Math.exp(one), 0);
  });
}

/**
 * Σ (x − w)²: the input is repeated for each unit, the unit's code is subtracted as a bias, and the mean of the squares
 * is multiplied by the number of inputs.
 */
function distances(layer: Rbf): readonly KerasStep[] {
  const inputs = (layer.input as tf.SymbolicTensor).shape[1]!;
  const units = (layer.output as tf.SymbolicTensor).shape[1]!;
  const less = { axes: 'bd', of: ({ codes }: Readonly<Record<string, KerasWeight>>) => negated(codes!) };
  return steps(
    ['each', { kind: 'RepeatVector', config: { n: units } }],
    ['differences', einsum('abc,cd->abd', [units, inputs], identity(inputs), less)],
    ['squares', product('differences', 'differences')],
    ['means', { kind: 'GlobalAveragePooling1D', config: { data_format: 'channels_first' } }],
    ['', rescaling(inputs)],
  );
}

function negated({ shape, values }: KerasWeight): KerasWeight {
  return { shape, values: values.map((value) => -value) };
}

function sidesOf(layer: tf.layers.Layer): [height: number, width: number, maps: number] {
  return (layer.input as tf.SymbolicTensor).shape.slice(1) as [number, number, number];
}
