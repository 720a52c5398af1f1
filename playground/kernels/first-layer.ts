/** The first layers of a network as the bench takes them: its trained kernels, what follows them, and its sub-sampling. */
import type { tf } from '../../browser';
import type { GraphLayer } from '../../src/describe/layers/layer-graph';
import { sliceOf, weightSlices } from '../model/kernel-slices';
import { squashingOf, type Squashing } from '../model/squashing';
import type { Padding } from './bench/correlate';
import type { Kernel } from './bench/kernels';

/** The first convolution of a network. */
export interface FirstLayer {
  readonly name: string;
  /** The layer that it reads. */
  readonly reads: string;
  readonly maps: number;
  /** The number of maps that it reads. */
  readonly channels: number;
  readonly stride: number;
  readonly padding: Padding;
  /** What its padding is filled with. */
  readonly border: number;
  /** The kernel by which a map reads a channel; undefined if it does not read it. */
  readonly kernel: (map: number, channel: number) => Kernel | undefined;
  readonly bias: Bias;
  /** Whether its outputs are sums, not squashed by the convolution itself. */
  readonly sums: boolean;
  /** The layer whose outputs are squashed sums; the convolution itself if nothing follows. */
  readonly squashed: string;
  /** By what they are squashed, if the page knows it. */
  readonly squashing: Squashing | undefined;
  readonly subsampling: Subsampling | undefined;
}

/** One bias a map, or one for each of its units. */
interface Bias {
  /** Undefined of biases that units share. */
  readonly units: readonly [rows: number, columns: number] | undefined;
  readonly at: (map: number, row: number, column: number) => number;
}

/** Trained sub-sampling right above. */
export interface Subsampling {
  readonly name: string;
  readonly size: number;
  readonly squashed: string;
  readonly squashing: Squashing | undefined;
  readonly coefficients: Float32Array;
  readonly biases: Float32Array;
}

type Config = Readonly<Record<string, unknown>>;

const pair = (value: unknown): number => Number(Array.isArray(value) ? value[0] : value);

/** The first convolution among a network's layers; undefined if it has none, as the Neocognitron. */
export async function firstLayerOf(graph: readonly GraphLayer[]): Promise<FirstLayer | undefined> {
  const node = graph.find(({ layer }) => ['Conv2D', 'SubsetConv2D'].includes(layer.getClassName()));
  if (!node) return undefined;
  const { layer, name, inputs } = node;
  const config = layer.getConfig();
  const [kernel, biases] = await weightsOf(layer);
  const maps = (layer.outputShape as tf.Shape).at(-1)!;
  const channels = (inputs[0]!.layer.outputShape as tf.Shape).at(-1)!;
  const after = squashOf(graph, node);
  return {
    ...{ name, reads: inputs[0]!.name, maps, channels },
    ...geometryOf(layer.getClassName(), config),
    kernel: kernelReader(node, kernel!),
    bias: biasReader(biases, maps),
    sums: (config['activation'] ?? 'linear') === 'linear',
    squashed: after.name,
    squashing: squashingOf(after),
    subsampling: await subsamplingOf(graph, after),
  };
}

interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The model keeps the tensors. */
async function weightsOf(layer: tf.layers.Layer): Promise<readonly Weight[]> {
  return Promise.all(
    layer
      .getWeights()
      .map(async (weight) => ({ shape: weight.shape, values: await weight.data<'float32'>() })),
  );
}

function geometryOf(kind: string, config: Config): Pick<FirstLayer, 'stride' | 'padding' | 'border'> {
  if (kind === 'SubsetConv2D') {
    const { width, value } = config['border'] as { width: number; value: number };
    return { stride: Number(config['stride']), padding: width || 'valid', border: value };
  }
  const padding = config['padding'] === 'same' ? 'same' : 'valid';
  return { stride: pair(config['strides'] ?? 1), padding, border: 0 };
}

function kernelReader(node: GraphLayer, { shape, values }: Weight): FirstLayer['kernel'] {
  return (map, channel) => {
    const slices = weightSlices(node, [{ name: 'kernel', shape }], map);
    const slice = slices.find(({ reads }) => reads === channel);
    return slice && { size: slice.height, weights: sliceOf(slice, values) };
  };
}

function biasReader(bias: Weight | undefined, maps: number): Bias {
  if (!bias) return { units: undefined, at: () => 0 };
  const { shape, values } = bias;
  if (shape.length === 1) return { units: undefined, at: (map) => values[map]! };
  const [rows, columns] = shape as readonly [number, number];
  return { units: [rows, columns], at: (map, row, column) => values[(row * columns + column) * maps + map]! };
}

const elementwise = ['ScaledTanh', 'Activation', 'ReLU'];

/** The layer that squashes another's outputs, or that layer itself. */
function squashOf(graph: readonly GraphLayer[], node: GraphLayer): GraphLayer {
  const above = graph.find(({ inputs }) => inputs.includes(node));
  return above && elementwise.includes(above.layer.getClassName()) ? above : node;
}

async function subsamplingOf(
  graph: readonly GraphLayer[],
  below: GraphLayer,
): Promise<Subsampling | undefined> {
  const node = graph.find(
    ({ layer, inputs }) => inputs.includes(below) && layer.getClassName() === 'Subsample',
  );
  if (!node) return undefined;
  const [coefficients, biases] = await weightsOf(node.layer);
  const after = squashOf(graph, node);
  return {
    name: node.name,
    size: Number(node.layer.getConfig()['size']),
    squashed: after.name,
    squashing: squashingOf(after),
    coefficients: coefficients!.values,
    biases: biases!.values,
  };
}
