/** The convolutional form of a trained network, which accepts images of any larger size. */
import type { tf } from '../../core/tf';
import { UserError } from '../../core/errors';
import { shareWeights } from '../../layers/fully-connected';
import { withoutDrawing } from '../../layers/initialise/initialise';
import type { ImageShape, Network } from '../../core/network';
import { mainPathOf } from '../../layers/layer-walk';

/**
 * The convolutional form of a trained network, which gives the class scores at every position of a larger image:
 * `[batch, height, width, channels]` → `[batch, rows, columns, classes]`. Its fully connected layers become
 * convolutions with the same weights (VGG §3.2), matched by layer name; auxiliary heads are left out.
 * @param trained a model of the network for images of its recipe's height and width, with or without auxiliary heads
 * @returns a model that shares the memory of the weights; the caller disposes of both
 * @throws UserError when the network has no convolutional form, or the model is for images of another size
 */
export function convolutionalForm(network: Network, trained: tf.LayersModel): tf.LayersModel {
  const input = trained.inputs[0]!.shape.slice(1) as unknown as ImageShape;
  const usual = network.recipe.input.shape;
  if (input[0] !== usual[0] || input[1] !== usual[1]) {
    throw new UserError(
      `${trained.name}: expected a model for images of ${usual[0]}x${usual[1]} to take the convolutional form of, found one for ${input[0]}x${input[1]}`,
    );
  }
  const classes = trained.outputs[0]!.shape.at(-1)!;
  const built = withoutDrawing(() => network.build({ classes, input, seed: 1, convolutional: true }));
  const form = mainPathOf(built);
  const kept = new Set(form.layers);
  // The layers of the auxiliary heads belong to no model, so the caller could not dispose of them.
  for (const layer of built.layers) if (!kept.has(layer)) layer.dispose();
  shareWeights(mainPathOf(trained), form);
  return form;
}
