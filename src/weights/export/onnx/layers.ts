/** The ONNX nodes that compute the same as each of our layers, on maps `[batch, maps, height, width]`. */
import { AdaptiveAveragePool } from '../../../layers/adaptive-average-pool';
import { CCells } from '../../../layers/neocognitron/c-cells';
import { CeilPool, type CeilPoolOptions } from '../../../layers/ceil-pool';
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
import { filled } from '../keras/step';
import { cCells, classVotes, sCells } from './neocognitron';
import { hasWeight, inputShape, kernel, ownWeight, perMap, sides, step, type Place } from './place';
import { adaptivePooling, pooling, windowMargins } from './windows';

type Rule = (place: Place) => void;

/** Layers of TensorFlow.js, by their class. */
const shared: Readonly<Record<string, Rule>> = {
  Conv2D: (place) => convolution(place, 1),
  Dense: dense,
  MaxPooling2D: (place) => pooling(place, 'MaxPool', place.config['pool_size'], place.config['strides']),
  AveragePooling2D: (place) =>
    pooling(place, 'AveragePool', place.config['pool_size'], place.config['strides']),
  GlobalAveragePooling2D: (place) => {
    const means = step(place, 'means', 'GlobalAveragePool', place.inputs);
    place.graph.add('Flatten', [means], place.output);
  },
  BatchNormalization: (place) => {
    const names = ['gamma', 'beta', 'moving_mean', 'moving_variance'];
    const inputs = [...place.inputs, ...names.map((name) => ownWeight(place, name))];
    const epsilon = { float: place.config['epsilon'] as number };
    place.graph.add('BatchNormalization', inputs, place.output, { epsilon });
  },
  Concatenate: ({ graph, inputs, output }) => void graph.add('Concat', inputs, output, { axis: { int: 1 } }),
  ReLU: ({ graph, inputs, output }) => void graph.add('Relu', inputs, output),
  ZeroPadding2D: (place) => {
    const [top, left, bottom, right] = zeroMargins(place);
    const margins = place.graph.ints(0, 0, top, left, 0, 0, bottom, right);
    place.graph.add('Pad', [...place.inputs, margins], place.output);
  },
};

/** @returns undefined if there is no rule, as for layers that are added to the project */
export function onnxRule({ layer, config }: Pick<Place, 'layer' | 'config'>): Rule | undefined {
  if (layer instanceof GroupedConv2D) return (place) => convolution(place, config['groups'] as number);
  if (layer instanceof CeilPool) return ceilPooling;
  if (layer instanceof AdaptiveAveragePool) return adaptivePooling;
  if (layer instanceof ScaledTanh) return scaledTanh;
  if (layer instanceof Lrn) return responseNormalisation;
  if (layer instanceof Subsample) return subsampling;
  if (layer instanceof SubsetConv2D) return subsetConvolution;
  if (layer instanceof LearnedCombination) return learnedCombination;
  if (layer instanceof Rbf) return distances;
  if (layer instanceof SCells) return sCells;
  if (layer instanceof CCells) return cCells;
  if (layer instanceof ClassVotes) return classVotes;
  const activation = config['activation'] ?? 'linear';
  return activation === 'linear' || activation === 'relu' ? shared[layer.getClassName()] : undefined;
}

/** Whether a layer changes nothing when the network is used. */
export function isIdle(layer: Place['layer']): boolean {
  return layer instanceof SeededDropout;
}

/** The margins of a layer that adds zeros around a map. */
export function zeroMargins({ config }: Pick<Place, 'config'>): Place['margins'] {
  const [[top, bottom], [left, right]] = config['padding'] as [[number, number], [number, number]];
  return [top, left, bottom, right];
}

/** What a convolution or a full layer gives, after its activation. */
function activated(
  place: Place,
  op: string,
  inputs: readonly string[],
  attributes: Parameters<typeof step>[4],
) {
  if (place.config['activation'] !== 'relu') return place.graph.add(op, inputs, place.output, attributes);
  return place.graph.add('Relu', [step(place, 'sums', op, inputs, attributes)], place.output);
}

function convolution(place: Place, groups: number): void {
  const { layer, config, inputs, margins } = place;
  const side = config['kernel_size'] as number | readonly number[];
  const [height, width] = typeof side === 'number' ? [side, side] : (side as [number, number]);
  const strides = (config['strides'] ?? [1, 1]) as readonly [number, number];
  const same = layer instanceof GroupedConv2D || config['padding'] === 'same';
  const pads = same ? windowMargins(layer, [height, width], strides) : [0, 0, 0, 0];
  const bias = hasWeight(layer, 'bias') ? [ownWeight(place, 'bias')] : [];
  activated(place, 'Conv', [...inputs, kernel(place), ...bias], {
    kernel_shape: { ints: [height, width] },
    strides: { ints: strides },
    pads: { ints: pads.map((pad, at) => pad + margins[at]!) },
    group: { int: groups },
  });
}

function dense(place: Place): void {
  const bias = hasWeight(place.layer, 'bias') ? [ownWeight(place, 'bias')] : [];
  activated(place, 'Gemm', [...place.inputs, kernel(place), ...bias], { transB: { int: 1 } });
}

function ceilPooling(place: Place): void {
  const { kind, size, stride } = place.layer.getConfig() as unknown as CeilPoolOptions;
  pooling(place, kind === 'max' ? 'MaxPool' : 'AveragePool', [size, size], [stride, stride]);
}

/** A·tanh(S·a). */
function scaledTanh(place: Place): void {
  const { graph, inputs, output } = place;
  const scaled = step(place, 'scaled', 'Mul', [...inputs, graph.number(slope)]);
  graph.add('Mul', [step(place, 'squashed', 'Tanh', [scaled]), graph.number(amplitude)], output);
}

/** ONNX divides its alpha by the size. */
function responseNormalisation({ graph, layer, inputs, output }: Place): void {
  const { size, k, alpha, beta } = layer.getConfig() as unknown as LrnOptions;
  graph.add('LRN', inputs, output, {
    size: { int: size },
    bias: { float: k },
    alpha: { float: alpha * size },
    beta: { float: beta },
  });
}

/** A window's sum is its mean times its size. */
function subsampling(place: Place): void {
  const { graph, layer, inputs, output } = place;
  const { size } = layer.getConfig() as unknown as { readonly size: number };
  const means = step(place, 'means', 'AveragePool', inputs, {
    kernel_shape: { ints: [size, size] },
    strides: { ints: [size, size] },
  });
  const factors = step(place, 'factors', 'Mul', [perMap(place, 'coefficient'), graph.number(size ** 2)]);
  graph.add('Add', [step(place, 'products', 'Mul', [means, factors]), perMap(place, 'bias')], output);
}

/**
 * The weights of the links, put into their places in a kernel over all maps by a product with a matrix of zeros and
 * ones, which whoever opens the file computes once.
 */
function subsetConvolution(place: Place): void {
  const { graph, layer, inputs, output } = place;
  const { kernelSize, table, stride, border, biases } =
    layer.getConfig() as unknown as Required<SubsetConv2DOptions>;
  const [, , maps] = sides(inputShape(layer));
  const outputs = table.length;
  const places = table.flatMap((reads, map) => reads.map((input) => input * outputs + map));
  const links = places.length;
  const matrix = graph.constant(
    `${layer.name}/links`,
    [links, maps * outputs],
    filled(links * maps * outputs, (at) => {
      const link = Math.floor(at / (maps * outputs));
      return at % (maps * outputs) === places[link] ? 1 : 0;
    }),
  );
  const flat = step(place, 'flat', 'Reshape', [
    ownWeight(place, 'kernel'),
    graph.ints(kernelSize ** 2, links),
  ]);
  const dense = step(place, 'dense', 'MatMul', [flat, matrix]);
  const square = step(place, 'square', 'Reshape', [dense, graph.ints(kernelSize, kernelSize, maps, outputs)]);
  const whole = step(place, 'whole', 'Transpose', [square], { perm: { ints: [3, 2, 0, 1] } });
  const { width, value } = border;
  const bordered =
    width === 0
      ? inputs
      : [
          step(place, 'bordered', 'Pad', [
            ...inputs,
            graph.ints(0, 0, width, width, 0, 0, width, width),
            graph.number(value),
          ]),
        ];
  const settings = { kernel_shape: { ints: [kernelSize, kernelSize] }, strides: { ints: [stride, stride] } };
  if (biases === 'perMap') {
    graph.add('Conv', [...bordered, whole, ownWeight(place, 'bias')], output, settings);
    return;
  }
  const sums = step(place, 'sums', 'Conv', [...bordered, whole], settings);
  const unitBiases = step(place, 'biases', 'Transpose', [ownWeight(place, 'bias')], {
    perm: { ints: [2, 0, 1] },
  });
  graph.add('Add', [sums, unitBiases], output);
}

/** One convolution with the kernels α_ij k_i, which whoever opens the file computes once. */
function learnedCombination(place: Place): void {
  const { graph, layer, inputs, output } = place;
  const { kernelSize, maps: outputs } = layer.getConfig() as unknown as { kernelSize: number; maps: number };
  const [, , maps] = sides(inputShape(layer));
  const shares = step(place, 'shares', 'Softmax', [ownWeight(place, 'combination')]);
  const factors = step(place, 'factors', 'Reshape', [shares, graph.ints(outputs, maps, 1, 1)]);
  const kernels = step(place, 'kernels', 'Transpose', [ownWeight(place, 'kernel')], {
    perm: { ints: [2, 0, 1] },
  });
  const whole = step(place, 'whole', 'Mul', [kernels, factors]);
  graph.add('Conv', [...inputs, whole, ownWeight(place, 'bias')], output, {
    kernel_shape: { ints: [kernelSize, kernelSize] },
  });
}

/** Σ (x − w)². */
function distances(place: Place): void {
  const { graph, layer, inputs, output } = place;
  const [count] = inputShape(layer).slice(1) as [number];
  const each = step(place, 'each', 'Reshape', [...inputs, graph.ints(-1, 1, count)]);
  const apart = step(place, 'apart', 'Sub', [each, ownWeight(place, 'codes')]);
  const squares = step(place, 'squares', 'Mul', [apart, apart]);
  graph.add('ReduceSum', [squares, graph.ints(2)], output, { keepdims: { int: 0 } });
}

/** The input of a layer that does not see places, as `[batch, values]` in our order: rows, columns, maps. */
export function interleaved(place: Place): string {
  const { inputs } = place;
  const moved = step(place, 'moved', 'Transpose', inputs, { perm: { ints: [0, 2, 3, 1] } });
  return step(place, 'interleaved', 'Flatten', [moved]);
}

/** Whether what a layer reads has one order, whether maps come first or last. */
export function isOnePlace({ layer }: Pick<Place, 'layer'>): boolean {
  const shape = inputShape(layer);
  return shape.length < 4 || shape[1]! * shape[2]! === 1 || shape[3] === 1;
}
