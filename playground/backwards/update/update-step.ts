/** One step of gradient descent on all weights, taken on a copy of the model. */
import { tf } from '../../../src/core/tf';
import { withoutDrawing } from '../../../src/layers/initialise/initialise';
import { backwardOf, type Backward, type Teachable } from '../backward';

/** What a step did: what its gradient promised, and what came. */
export interface UpdateStep {
  readonly rate: number;
  readonly before: number;
  /** −ε‖∇E‖²: the change of the loss if it were a plane. */
  readonly predicted: number;
  readonly after: number;
}

/** A copy of a model whose weights may be moved. */
export interface MovedCopy {
  /** The copy as it is now. */
  readonly trained: Teachable;
  /**
   * w ← w − ε ∂E/∂w for every trainable weight.
   * @returns what it did, and the derivatives after it
   */
  step(backward: Backward, rate: number): Promise<{ readonly done: UpdateStep; readonly backward: Backward }>;
  dispose(): void;
}

/** ‖∇E‖²: the sum of the squares of all weights' derivatives. */
export function squaredNorm({ layers }: Pick<Backward, 'layers'>): number {
  let sum = 0;
  for (const { weights } of layers)
    for (const { slopes } of weights) for (const slope of slopes) sum += slope ** 2;
  return sum;
}

/** The number of trainable weights. */
export function weightCount({ layers }: Pick<Backward, 'layers'>): number {
  return layers.reduce(
    (sum, { weights }) => sum + weights.reduce((size, { values }) => size + values.length, 0),
    0,
  );
}

/** Copies a model with its weights. @param input the picture of whose loss the steps are */
export function movedCopy(trained: Teachable, input: Float32Array): MovedCopy {
  const { model, builder, recipe, notLoaded = [] } = trained;
  const classes = model.outputs[0]!.shape.at(-1)!;
  const copy = withoutDrawing(() => builder.build({ classes, input: recipe.input.shape, seed: 1 }));
  copy.setWeights(model.getWeights());
  const copied = { model: copy, builder, recipe, notLoaded };
  return {
    trained: copied,
    step: async (backward, rate) => {
      for (const { layer, weights } of backward.layers) {
        const variables = copy.getLayer(layer.name).trainableWeights;
        weights.forEach(({ shape, values, slopes }, at) => {
          const moved = values.map((value, place) => value - rate * slopes[place]!);
          tf.tidy(() => void variables[at]!.write(tf.tensor(moved, [...shape])));
        });
      }
      const after = await backwardOf(copied, input, backward.target);
      const predicted = -rate * squaredNorm(backward);
      return { done: { rate, before: backward.loss, predicted, after: after.loss }, backward: after };
    },
    dispose: () => copy.dispose(),
  };
}
