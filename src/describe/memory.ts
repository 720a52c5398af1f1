/** Estimates the memory that a network takes, in evaluation and in training. */
import { elementCount } from '../core/shape';
import type { Recipe } from '../core/network';
import { keptNames } from '../train/step/gradient-descent';
import type { Description, LayerDescription } from './describe-model';

/**
 * Bytes that the tensors of a network take, estimated from shapes in single precision. The memory of a backend's
 * kernels and of the runtime itself is not included.
 */
export interface MemoryEstimate {
  readonly batch: number;
  /** Weights of the main path and of the auxiliary heads, including fixed ones. */
  readonly weights: number;
  readonly gradients: number;
  /** What the optimiser keeps for each weight, such as a velocity, and an average where the recipe keeps one. */
  readonly optimiser: number;
  /** Evaluation: the most that is needed at once if every output is freed after its last reader. */
  readonly activationsForward: number;
  /** Training: the input and every layer's output, kept for the backward pass. */
  readonly activationsKept: number;
  readonly evaluation: number;
  readonly training: number;
}

const bytesPerValue = 4;

/** @param input the number of values of one image */
export function estimateMemory(
  { layers }: Description,
  input: number,
  batch: number,
  recipe: Pick<Recipe, 'averaging' | 'optimiser' | 'accumulate'>,
): MemoryEstimate {
  const bytes = (count: number) => bytesPerValue * count;
  const sum = (of: (layer: LayerDescription) => number, among = layers) =>
    among.reduce((total, layer) => total + of(layer), 0);
  const trainable = bytes(sum((layer) => layer.parameters));
  const weights = trainable + bytes(sum((layer) => layer.fixedParameters));
  const sums = recipe.accumulate === undefined ? 0 : 1; // of the gradients of several batches
  const optimiser = trainable * (keptNames(recipe).length + (recipe.averaging ? 1 : 0) + sums);
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

/** Flattening creates no new values. */
function sharesInput({ settings }: LayerDescription): boolean {
  return settings['kind'] === 'flatten' || settings['kind'] === 'reshape';
}

function values({ outputShape }: LayerDescription): number {
  return elementCount(outputShape);
}

/** The peak, over all layers, of the total size of the outputs that a later layer still has to read. */
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
