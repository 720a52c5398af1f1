import { UserError } from '../errors';
import { subset, type ImageSet } from '../data/dataset';
import { deriveSeed, permutation, seededRandom } from '../random';

/**
 * Parts a training set in two: images to learn from, and images that only choose the best epoch.
 * @param images to hold out; 0 for none
 * @param learned how many to learn from. Default: all the others
 */
export function holdOut(
  data: ImageSet,
  images: number,
  seed: number,
  learned?: number,
): { train: ImageSet; validation: ImageSet | null } {
  if (images === 0 && learned === undefined) return { train: data, validation: null };
  const total = data.labels.length;
  if (images >= total) {
    throw new UserError(
      `validation: expected fewer images than the ${total} of ${data.name}, found ${images}`,
    );
  }
  const end = images + (learned ?? total - images);
  if (end > total) {
    throw new UserError(
      `training images: expected at most ${total - images} of ${data.name}, found ${end - images}`,
    );
  }
  const order = permutation(total, seededRandom(deriveSeed(seed, 'validation')));
  return {
    train: subset(data, order.slice(images, end).sort(), data.name),
    validation: images
      ? subset(data, order.slice(0, images).sort(), `${data.name}, ${images} held out`)
      : null,
  };
}
