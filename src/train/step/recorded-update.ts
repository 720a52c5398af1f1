/** What recorded updates share: the gradients of a batch, and the values that graphs are fed. */
import type { LayerTime } from '../../graph/layer-times';
import type { GraphBuilder, Ref } from '../../graph/session/builder';
import type { Value } from '../../graph/session/fed-tensors';
import { attr, elementTypes } from '../../graph/session/graph-def';
import type { Program } from '../../graph/session/program';
import { tf } from '../../core/tf';
import type { AnyBatch } from '../../data/loader/batches';
import { fedImages } from '../../evaluate/scores/batch-images';
import type { Unfinished } from '../../graph/compiled-function';
import { totalLoss } from '../loss';
import type { GradientRecipe, Slot } from './gradient-descent';
import type { SessionState } from './session-state';

/** An update as graphs that are recorded: how it runs for a batch, and what that takes. */
export interface RecordedUpdate {
  /**
   * @param rate ε, as `rateOfMean` returns it
   * @returns the batch's mean loss before the update
   */
  run(batch: AnyBatch, rate: number, step: number): Promise<number>;
  layerTimes(batch: AnyBatch, rate: number, step: number): Promise<readonly LayerTime[]>;
  readonly recordingSeconds: number;
}

/** What a recorded update consists of. */
export interface UpdateParts {
  readonly program: Program;
  readonly model: tf.LayersModel;
  readonly recipe: GradientRecipe;
  readonly seed: number;
  readonly slots: readonly Slot[];
  /** The factor on the loss while its gradients are computed, by which they are divided afterwards. */
  readonly scale: number;
  readonly state: SessionState;
}

/** The loss, and ∂L/∂w for each slot. */
export interface Slopes {
  readonly loss: tf.Tensor;
  readonly slopes: readonly tf.Tensor[];
}

/** The loss of a batch and its gradients, by TensorFlow.js. */
export function slopesOf(
  { model, recipe, slots, scale }: UpdateParts,
  images: tf.Tensor4D,
  labels: tf.Tensor1D,
): Slopes {
  const weights = slots.map(({ weight }) => weight);
  const loss = () => scaled(totalLoss(model, recipe, images, labels), scale);
  const { value, grads } = tf.variableGrads(loss, weights);
  const slopes = weights.map(({ name }) => scaled(grads[name]!, 1 / scale));
  return { loss: scaled(value, 1 / scale), slopes };
}

/** The tensor times the factor; the tensor itself where the factor is 1. */
function scaled<T extends tf.Tensor>(tensor: T, factor: number): T {
  return factor === 1 ? tensor : tensor.mul(factor);
}

/** Adds a node with a value that waits for other nodes, and returns its name. */
export function after(builder: GraphBuilder, value: Ref, nodes: readonly string[]): string {
  const T = { T: attr.type(elementTypes.float32) };
  return builder.add('Identity', [value.name, ...nodes.map((name) => `^${name}`)], T).name;
}

export function namesOf(refs: readonly Ref[]): string[] {
  return refs.map(({ name }) => name);
}

export function floatOf(value: number): Value {
  return { shape: [], data: Float32Array.of(value) };
}

export function integerOf(value: number): Value {
  return { shape: [], data: Int32Array.of(value) };
}

/** What a graph is fed of a batch: its images, prepared or as bytes that the graph finishes, and its labels. */
export function imagesOf(batch: AnyBatch): [Value | Unfinished, Value] {
  const { labels } = batch;
  return [fedImages(batch, labels.length), { shape: [labels.length], data: labels }];
}
