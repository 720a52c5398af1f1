/** Random brightness, contrast and saturation (GoogLeNet §6, as fb.resnet.torch computes them). */
import type { Augment, Colour } from '../../core/network';
import type { Random } from '../../core/random';
import { greyOf, saturated, scaled, type ColourMap } from './colour-map';

/**
 * A map of colours, followed by changes of brightness, contrast and saturation, each by a factor uniform in 1 ±
 * `strength`: away from or towards black, the image's mean grey, and the pixel's own grey (GoogLeNet §6 names the
 * distortions of Howard 2013, which prints no formulas; these are those of fb.resnet.torch's `ColorJitter`). Their
 * order makes no difference, since values are not clipped at 0 or 255: no change moves the point that another one is
 * relative to.
 *
 * Always takes three numbers from `random`.
 * @param mean the image's mean colour before the map
 */
export function photometric(
  map: ColourMap,
  { strength }: Extract<Augment, { readonly kind: 'photometric' }>,
  mean: Colour,
  random: Random,
): ColourMap {
  const factor = () => random.uniform(1 - strength, 1 + strength);
  const [brightness, contrast, saturation] = [factor(), factor(), factor()];
  const bright = scaled(map, brightness, [0, 0, 0]);
  const grey = (1 - contrast) * greyOf(bright, mean);
  return saturated(scaled(bright, contrast, [grey, grey, grey]), saturation);
}
