import { UserError } from '../errors';
import { subset, type Dataset } from '../data/dataset';
import { deriveSeed, permutation, seededRandom } from '../random';

/**
 * Parts a training set in two: images to learn from, and images that only choose the best epoch.
 * @param images to hold out; 0 for none
 */
export function holdOut(
  data: Dataset,
  images: number,
  seed: number,
): { train: Dataset; validation: Dataset | null } {
  if (images === 0) return { train: data, validation: null };
  const total = data.labels.length;
  if (images >= total) {
    throw new UserError(
      `validation: expected fewer images than the ${total} of ${data.name}, found ${images}`,
    );
  }
  const order = permutation(total, seededRandom(deriveSeed(seed, 'validation')));
  return {
    train: subset(data, order.slice(images).sort(), data.name),
    validation: subset(data, order.slice(0, images).sort(), `${data.name}, ${images} held out`),
  };
}
