/** Lighting along the principal components of colours (AlexNet §4.1). */
import type { Augment, Colour, PrincipalColours } from '../../core/network';
import { gaussian, type Random } from '../../core/random';

/**
 * The principal colours of ImageNet, as fb.resnet.torch publishes them (`datasets/imagenet.lua`, "computed from random
 * subset of ImageNet training images") and most later code copies them. AlexNet's authors published none.
 */
export const imagenetColours: PrincipalColours = {
  eigenvalues: [0.2175, 0.0188, 0.0045],
  eigenvectors: [
    [-0.5675, -0.5808, -0.5836],
    [0.7192, -0.0045, -0.6948],
    [0.4009, -0.814, 0.4203],
  ],
};

/**
 * What is added to every pixel of an image, in pixels (0–255): Σ p_i α_i λ_i over the principal components p_i of the
 * training set's colours, with their eigenvalues λ_i and an α_i drawn for each image (AlexNet §4.1; VGG's "colour
 * shift", §3.1). The paper does not say in what unit λ is. Here it is computed from colours between 0 and 1, as in
 * fb.resnet.torch; from colours 0–255 it would shift pixels by about a thousand. The authors' code for the network's
 * successor, cuda-convnet2, uses the square roots of the λ_i instead.
 *
 * Always takes six numbers from `random`.
 */
export function lightingShift(
  { deviation, colours = imagenetColours }: Extract<Augment, { readonly kind: 'pcaLighting' }>,
  random: Random,
): Colour {
  if (colours === 'trainingSet')
    throw new Error('expected principal colours, found none computed: see fitRecipe');
  const { eigenvalues, eigenvectors } = colours;
  const weights = eigenvalues.map((value) => 255 * value * gaussian(random, deviation));
  const shift = (channel: 0 | 1 | 2) =>
    weights.reduce((sum, weight, component) => sum + weight * eigenvectors[component]![channel], 0);
  return [shift(0), shift(1), shift(2)];
}
