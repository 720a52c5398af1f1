/** The diagonal of a network's second derivatives, for the diagonal Levenberg-Marquardt rule. */
import { tf } from '../../../core/tf';
import type { Batch } from '../../../data/loader/batches';
import { UserError } from '../../../core/errors';
import { expectRule, secondDerivatives } from '../../../layers/second-derivatives';
import { Rbf } from '../../../layers/rbf';
import type { Loss } from '../../../core/network';
import { read, type NamedArray } from '../../../weights/named-array';
import { lossCurvature, refuseClassWeights } from './loss-curvature';

/**
 * The mean over some images of ∂²E/∂w² for each trainable weight, by LeCun et al. 1998, Appendix C. Second derivatives
 * are propagated back through the layers like first ones, but with squared weights and slopes. The approximations are
 * the paper's. The network's own second derivatives are left out, though not those of the loss (Gauss-Newton). Mixed
 * derivatives of two units or of two connections are left out too. The mean is estimated from a few images.
 * @param model a chain of layers, with its weights up to date
 * @returns arrays of numbers ≥ 0, by the weights' names, in the order of `model.trainableWeights`
 * @throws UserError for a network that is not a chain, and for a layer or a loss without a rule
 */
export async function diagonalCurvature(
  model: tf.LayersModel,
  loss: Loss,
  batches: AsyncIterable<Batch>,
): Promise<readonly NamedArray[]> {
  const layers = chainOf(model);
  let sums: readonly tf.Tensor[] = [];
  let count = 0;
  for await (const { images, shape, labels } of batches) {
    const before = sums;
    sums = inTidy(() => {
      const input = tf.tensor4d(images, [labels.length, ...shape]);
      const found = ofBatch(layers, loss, input, tf.tensor1d(labels, 'int32'));
      return found.map((part, index) => (before.length ? part.add<tf.Tensor>(before[index]!) : part));
    });
    tf.dispose([...before]);
    count += labels.length;
  }
  const means = inTidy(() => sums.map((sum) => sum.div<tf.Tensor>(count)));
  const arrays = await Promise.all(
    model.trainableWeights.map((weight, index) => read(weight.originalName, means[index]!)),
  );
  tf.dispose([...sums, ...means]);
  return arrays;
}

/**
 * Refuses, before there is a batch, what `diagonalCurvature` would refuse.
 * @throws UserError as `diagonalCurvature` does
 */
export function expectCurvature(model: tf.LayersModel, loss: Loss): void {
  if (loss.kind === 'softmaxCrossEntropy') refuseClassWeights(loss);
  const layers = chainOf(model);
  for (const layer of layers) if (!(layer instanceof Rbf && layer === layers.at(-1))) expectRule(layer);
}

/** The sums over a batch for all trainable weights, in the order of the layers. */
function ofBatch(
  layers: readonly tf.layers.Layer[],
  loss: Loss,
  images: tf.Tensor4D,
  labels: tf.Tensor1D,
): tf.Tensor[] {
  const states = layers.reduce<tf.Tensor[]>(
    (seen, layer) => [...seen, layer.apply(seen.at(-1)!) as tf.Tensor],
    [images],
  );
  const end = lossCurvature(loss, layers.at(-1)!, states.at(-2)!, states.at(-1)! as tf.Tensor2D, labels);
  let above = end.input;
  const parts = [end.weights];
  for (let index = layers.length - 1 - end.layers; index >= 0; index--) {
    const found = secondDerivatives(layers[index]!, states[index]!, above);
    above = found.input;
    parts.unshift(layers[index]!.trainable ? found.weights : []);
  }
  return parts.flat();
}

/** The layers between the image and the scores, each of which reads the one before. */
function chainOf(model: tf.LayersModel): tf.layers.Layer[] {
  const [first, ...layers] = model.layers;
  let below = first!.output as tf.SymbolicTensor;
  for (const layer of layers) {
    const { input } = layer;
    if (layer.inboundNodes.length !== 1 || Array.isArray(input) || input.name !== below.name) {
      throw new UserError(
        `second derivatives: expected a chain of layers, found ${layer.name} in ${model.name}, whose only input is not the layer before it`,
      );
    }
    below = layer.output as tf.SymbolicTensor;
  }
  return layers;
}

/** `tf.tidy` for a function that returns a list. */
function inTidy(work: () => tf.Tensor[]): tf.Tensor[] {
  return tf.tidy(() => work());
}
