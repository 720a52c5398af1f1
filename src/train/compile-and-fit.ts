/** For those who use tfjs's own `compile` and `fit`: a recipe's loss, its accuracy, and its scores as probabilities. */
import { UserError } from '../core/errors';
import type { Loss, Recipe } from '../core/network';
import { scoreKind, scoreWords } from '../core/score-kind';
import { tf } from '../core/tf';
import { meanLoss } from './loss';

/** A loss or a metric as `compile` takes it, of one output. */
export type CompiledLoss = (targets: tf.Tensor, scores: tf.Tensor) => tf.Tensor;

/**
 * A recipe's loss as tfjs's `compile` takes it. A network ends in class scores and not in probabilities: with
 * `categoricalCrossentropy`, which expects these, it learns nothing.
 *
 * `fit` then wants one-hot labels, `[batch, classes]`, once for each output of the model. Weight decay is no part of the
 * loss, nor of `fit`.
 * @param model gives the auxiliary heads, if it has any; their losses are weighted as in the recipe
 * @returns one function for each of the model's outputs
 * @example
 * const { build, recipe } = zoo.lenet5;
 * const model = build({ classes: 10, seed: 1 });
 * model.compile({ optimizer: tf.train.sgd(0.01), loss: lossFor(recipe, model), metrics: [accuracyFor(recipe)] });
 */
export function lossFor(
  recipe: Pick<Recipe, 'loss' | 'auxiliary'>,
  model: Pick<tf.LayersModel, 'outputNames'>,
): CompiledLoss[] {
  return model.outputNames.map((name, index) => {
    const weight = index === 0 ? 1 : recipe.auxiliary?.[name];
    if (weight === undefined)
      throw new UserError(
        `lossFor: expected a weight for the auxiliary head ${name} in the recipe, found none`,
      );
    return (targets, scores) =>
      tf.tidy(() => meanLoss(recipe.loss, scores as tf.Tensor2D, indicesOf(targets)).mul(weight));
  });
}

/**
 * The accuracy as tfjs's `compile` takes it among its metrics. tfjs's own `accuracy` takes the largest score for the
 * best, which is wrong of distances, as LeNet-5 has them.
 */
export function accuracyFor({ loss }: { readonly loss: Loss }): CompiledLoss {
  const best = (scores: tf.Tensor) =>
    scoreKind(loss) === 'distances' ? scores.argMin(-1) : scores.argMax(-1);
  // Its name is the one under which `fit` reports it.
  return function accuracy(targets, scores) {
    return tf.tidy(() => best(scores).equal(targets.argMax(-1)).toFloat().mean());
  };
}

/**
 * The probabilities of classes from a network's scores.
 * @param scores `[batch, classes]`, of `outputs[0]`
 * @returns `[batch, classes]`; the caller disposes of it
 * @throws UserError for scores that give no probabilities: distances, or activations against targets
 */
export function probabilitiesFor({ loss }: { readonly loss: Loss }, scores: tf.Tensor): tf.Tensor {
  const kind = scoreKind(loss);
  if (kind === 'logits') return tf.softmax(scores);
  throw new UserError(`probabilitiesFor: expected logits, found ${scoreWords[kind]}`);
}

/** The class of each image: `[batch, classes]`, one-hot → `[batch]`, int32. */
function indicesOf(targets: tf.Tensor): tf.Tensor1D {
  return targets.argMax<tf.Tensor1D>(-1).toInt();
}
