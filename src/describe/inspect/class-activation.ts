/** Class activation maps: how much each position of the last maps speaks for a class (Zhou et al. 2016, §2). */
import { tf } from '../../core/tf';
import { mainPathOf, outputOf } from '../../layers/layer-walk';
import { layerGraph, type GraphLayer } from '../layers/layer-graph';
import type { LayerOutput } from '../units/activations';

/** A head that averages maps over all positions, and weighs the averages for each class or takes them as scores. */
export interface AveragingHead {
  /** The layer whose maps are averaged. */
  readonly features: GraphLayer;
  /** The layer that weighs the averages; null where the averages are the scores, as in Network in Network. */
  readonly weighing: tf.layers.Layer | null;
}

/** Layers that change nothing in an inference, or only how values are arranged. */
const passing = new Set(['SeededDropout', 'Dropout', 'Flatten']);

/**
 * The averaging head of a network; null if its head is of another kind, from which no exact map follows.
 * @param graph of the main path, the scores last
 */
export function averagingHeadOf(graph: readonly GraphLayer[]): AveragingHead | null {
  let node = graph.at(-1)!;
  let weighing: tf.layers.Layer | null = null;
  if (node.layer.getClassName() === 'Dense') {
    if (node.layer.getConfig()['activation'] !== 'linear') return null;
    weighing = node.layer;
    node = node.inputs[0]!;
  }
  while (passing.has(node.layer.getClassName())) node = node.inputs[0]!;
  if (node.layer.getClassName() !== 'GlobalAveragePooling2D') return null;
  return { features: node.inputs[0]!, weighing };
}

/** The weights of a head. */
export interface HeadWeights {
  /** `[maps, classes]`; null where a class's score is the average of its own map. */
  readonly kernel: Float32Array | null;
  /** `[classes]` */
  readonly bias: Float32Array | null;
}

export async function headWeights({ weighing }: AveragingHead): Promise<HeadWeights> {
  if (!weighing) return { kernel: null, bias: null };
  // The tensors are the layer's own.
  const [kernel, bias] = weighing.getWeights();
  return {
    kernel: await kernel!.data<'float32'>(),
    bias: bias ? await bias.data<'float32'>() : null,
  };
}

/** A class activation map, and the score that it adds up to. */
export interface ClassActivation {
  readonly height: number;
  readonly width: number;
  /** `[height, width]`: Σ_k w_kc f_k(y, x) */
  readonly values: Float32Array;
  /** Over all positions. */
  readonly mean: number;
  readonly bias: number;
}

/**
 * The map of a class: Σ_k w_kc f_k(y, x), whose mean over the positions and the bias add up to the class's score.
 * @param features `[height, width, maps]`
 */
export function classActivation(
  { shape, values: features }: LayerOutput,
  { kernel, bias }: HeadWeights,
  wanted: number,
): ClassActivation {
  const [height, width, maps] = shape as [number, number, number];
  const classes = kernel ? kernel.length / maps : maps;
  const values = new Float32Array(height * width);
  let sum = 0;
  for (let place = 0; place < values.length; place++) {
    let value = 0;
    if (!kernel) value = features[place * maps + wanted]!;
    else
      for (let map = 0; map < maps; map++)
        value += kernel[map * classes + wanted]! * features[place * maps + map]!;
    values[place] = value;
    sum += value;
  }
  return { height, width, values, mean: sum / values.length, bias: bias?.[wanted] ?? 0 };
}

/**
 * The exact class activation map of a network whose head averages maps over all positions, as NIN's and GoogLeNet's do
 * (Zhou et al. 2016, Learning Deep Features for Discriminative Localization, §2): the class's score is the mean of the
 * map and the bias.
 * @param input as the model takes it, `[height, width, channels]`
 * @param wanted the index of the class
 * @returns the map and the layer whose maps it weighs; null for a head of another kind
 */
export async function classActivationMap(
  whole: tf.LayersModel,
  input: Float32Array,
  wanted: number,
): Promise<(ClassActivation & { readonly layer: string }) | null> {
  const model = mainPathOf(whole);
  const head = averagingHeadOf(layerGraph(model));
  if (!head) return null;
  const reading = tf.model({ inputs: model.inputs, outputs: outputOf(head.features.layer) });
  const output = tf.tidy(
    () =>
      reading.predict(tf.tensor(input, [1, ...(model.inputs[0]!.shape.slice(1) as number[])])) as tf.Tensor,
  );
  const values = await output.data<'float32'>();
  const shape = output.shape.slice(1);
  output.dispose();
  const map = classActivation({ shape, values }, await headWeights(head), wanted);
  return { layer: head.features.name, ...map };
}
