/** Propagates second derivatives back through layers, by a rule for each kind (LeCun et al. 1998, Appendix C). */
import { tf } from '../core/tf';
import { UserError } from '../core/errors';

/** Second derivatives of a loss E, by the approximations of LeCun et al. 1998, Appendix C; none is negative. */
export interface SecondDerivatives {
  /** ∂²E/∂x² for each input value of the layer, in the shape of its input. */
  readonly input: tf.Tensor;
  /**
   * ∂²E/∂w² for each trainable weight, in the layer's order: the sum over the batch and over all connections that share
   * the weight. The paper's approximation leaves out the mixed derivatives of two connections (its eqs. 22 and 23).
   */
  readonly weights: readonly tf.Tensor[];
}

/** A layer of our own that propagates second derivatives. */
export interface CurvedLayer {
  /**
   * If the outputs y are sums over weighted inputs, ∂²E/∂x² = Σ w² ∂²E/∂y² over all units that x feeds, and
   * ∂²E/∂w² = Σ x² ∂²E/∂y². If y = f(x), ∂²E/∂x² = f′(x)² ∂²E/∂y²: the layer's own second derivative is neglected
   * (Gauss and Newton), and so are mixed derivatives of two units.
   * @param input the layer's input, with a batch axis
   * @param above ∂²E/∂y², in the shape of the layer's outputs
   */
  secondDerivatives(input: tf.Tensor, above: tf.Tensor): SecondDerivatives;
}

/**
 * Applies the rule for one layer: the layer's own, or the one for a layer of tfjs.
 * @throws UserError for a layer without a rule
 */
export function secondDerivatives(
  layer: tf.layers.Layer,
  input: tf.Tensor,
  above: tf.Tensor,
): SecondDerivatives {
  if ('secondDerivatives' in layer) return (layer as unknown as CurvedLayer).secondDerivatives(input, above);
  expectRule(layer);
  return rules[layer.getClassName()]!(input, above, layer, layer.getConfig());
}

/** @throws UserError for a layer without a rule */
export function expectRule(layer: tf.layers.Layer): void {
  if ('secondDerivatives' in layer) return;
  const { activation = 'linear' } = layer.getConfig();
  if (rules[layer.getClassName()] && activation === 'linear') return;
  throw new UserError(
    `second derivatives: expected layers with a rule for them, found none for ${layer.name} ` +
      `(${layer.getClassName()}${activation === 'linear' ? '' : ` with activation ${JSON.stringify(activation)}`})`,
  );
}

/**
 * The rule for y = `sums(x, w)`, which is linear in both and has no bias, if each x reaches each y on at most one path.
 * @returns ∂²E/∂x² and ∂²E/∂w²
 */
export function bilinearRule<X extends tf.Tensor, W extends tf.Tensor>(
  sums: (x: X, w: W) => tf.Tensor,
  x: X,
  w: W,
  above: tf.Tensor,
): { readonly input: X; readonly kernel: W } {
  return {
    input: tf.grad((value: tf.Tensor) => sums(value as X, w.square()))(x, above) as X,
    kernel: tf.grad((value: tf.Tensor) => sums(x.square(), value as W))(w, above) as W,
  };
}

/** The sum over all but the last `axes` axes: the derivative for a bias that is shared along the summed axes. */
export function summedBefore(above: tf.Tensor, axes: number): tf.Tensor {
  return above.sum([...Array(above.rank - axes).keys()]);
}

type Rule = (
  input: tf.Tensor,
  above: tf.Tensor,
  layer: tf.layers.Layer,
  config: tf.serialization.ConfigDict,
) => SecondDerivatives;

const convolution: Rule = (input, above, layer, { strides, padding }) => {
  const [kernel, bias] = layer.getWeights();
  const sums = (x: tf.Tensor4D, w: tf.Tensor4D) =>
    tf.conv2d(x, w, strides as [number, number], padding as 'valid' | 'same');
  const found = bilinearRule(sums, input as tf.Tensor4D, kernel as tf.Tensor4D, above);
  return { input: found.input, weights: [found.kernel, ...(bias ? [summedBefore(above, 1)] : [])] };
};

const dense: Rule = (input, above, layer) => {
  const [kernel, bias] = layer.getWeights();
  const found = bilinearRule((x, w) => tf.matMul(x, w), input as tf.Tensor2D, kernel as tf.Tensor2D, above);
  return { input: found.input, weights: [found.kernel, ...(bias ? [summedBefore(above, 1)] : [])] };
};

const averagePooling: Rule = (input, above, layer, { poolSize }) => {
  const [height, width] = poolSize as [number, number];
  // Each weight is 1 / (height · width), so its square is the derivative divided by height · width.
  const input2 = tf
    .grad((x) => layer.apply(x) as tf.Tensor)(input, above)
    .div<tf.Tensor>(height * width);
  return { input: input2, weights: [] };
};

const rules: Readonly<Record<string, Rule>> = {
  AveragePooling2D: averagePooling,
  Conv2D: convolution,
  Dense: dense,
  Flatten: (input, above) => ({ input: above.reshape(input.shape), weights: [] }),
  ReLU: (input, above) => ({ input: above.mul(input.step()), weights: [] }),
};
