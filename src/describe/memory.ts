/** Estimates the memory that a network takes, in use and in training. */
import { elementCount } from '../core/shape';
import type { Recipe } from '../core/network';
import type { Description, LayerDescription } from './describe-model';

/**
 * Bytes that the tensors of a network take, estimated from shapes in single precision. What a backend's kernels and
 * the runtime itself take comes on top.
 */
export interface MemoryEstimate {
  readonly batch: number;
  /** Of both paths, fixed ones included. */
  readonly weights: number;
  readonly gradients: number;
  /** What the optimiser keeps: a velocity a weight, and its average where the recipe has one. */
  readonly optimiser: number;
  /** Evaluation: the most that is needed at once when every output is dropped after its last reader. */
  readonly activationsForward: number;
  /** Training: the input and every layer's output, kept for the backward pass. */
  readonly activationsKept: number;
  readonly evaluation: number;
  readonly training: number;
}

const bytesPerValue = 4;

/** @param input values of one image */
export function estimateMemory(
  { layers }: Description,
  input: number,
  batch: number,
  recipe: Pick<Recipe, 'averaging'>,
): MemoryEstimate {
  const bytes = (count: number) => bytesPerValue * count;
  const sum = (of: (layer: LayerDescription) => number, among = layers) =>
    among.reduce((total, layer) => total + of(layer), 0);
  const trainable = bytes(sum((layer) => layer.parameters));
  const weights = trainable + bytes(sum((layer) => layer.fixedParameters));
  const optimiser = trainable * (recipe.averaging ? 2 : 1);
  const main = layers.filter(({ auxiliary }) => !auxiliary);
  const activationsForward = bytes(batch * mostAtOnce(main, input));
  const activationsKept = bytes(batch * (input + sum((layer) => (sharesInput(layer) ? 0 : values(layer)))));
  return {
    batch,
    weights,
    gradients: trainable,
    optimiser,
    activationsForward,
    activationsKept,
    evaluation: bytes(sum((layer) => layer.parameters + layer.fixedParameters, main)) + activationsForward,
    training: weights + trainable + optimiser + activationsKept,
  };
}

/** Flattening makes no new values. */
function sharesInput({ settings }: LayerDescription): boolean {
  return settings['kind'] === 'flatten' || settings['kind'] === 'reshape';
}

function values({ outputShape }: LayerDescription): number {
  return elementCount(outputShape);
}

/** The largest sum of the outputs that still wait for a reader, layer after layer. */
function mostAtOnce(layers: readonly LayerDescription[], input: number): number {
  const lastReader = new Map<string, number>();
  layers.forEach(({ inputs }, index) => inputs.forEach((name) => lastReader.set(name, index)));
  const alive = new Map<string, number>(layers[0] ? layers[0].inputs.map((name) => [name, input]) : []);
  let most = input;
  layers.forEach((layer, index) => {
    const drop = () =>
      layer.inputs.filter((name) => lastReader.get(name) === index).forEach((name) => alive.delete(name));
    if (sharesInput(layer)) drop();
    alive.set(layer.name, values(layer));
    most = Math.max(
      most,
      [...alive.values()].reduce((sum, size) => sum + size, 0),
    );
    drop();
  });
  return most;
}
