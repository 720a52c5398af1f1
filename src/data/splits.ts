/** Which parts of a data set serve for training, validation and test, and how missing ones are split off. */
import { option } from '../core/text/wording';
import { UserError } from '../core/errors';
import { subset, type ImageSet, type Splits } from './dataset';
import { deriveSeed, permutation, seededRandom } from '../core/random';

/** The parts of a data set that its reader found. */
export interface FoundSplits<Kind extends ImageSet = ImageSet> {
  readonly train?: Kind | undefined;
  readonly validation?: Kind | undefined;
  readonly test?: Kind | undefined;
}

/**
 * The parts that a training uses. A share split off the training set replaces a validation folder. The error is
 * reported on the test set. Without a test set it is reported on the validation set, as for ImageNet, and that set then
 * does not choose the best epoch.
 * @param validationSplit the share of each class to split off, in (0, 1)
 * @throws UserError when there is nothing to train on or nothing to test on
 */
export function forTraining(
  found: FoundSplits,
  name: string,
  { validationSplit, seed }: { readonly validationSplit?: number | undefined; readonly seed: number },
): Splits {
  const { train, validation, test } =
    validationSplit === undefined ? found : withSplitOff(found, name, validationSplit, seed);
  if (!train) throw new UserError(`${name}: expected a training set, found only ${named(found)}`);
  if (test) return { train, test, ...(validation && { validation }) };
  if (validation) return { train, test: validation };
  throw new UserError(
    `${name}: expected a test or a validation set beside the training set, found none; ` +
      `${option('validationSplit', '0.1')} sets a tenth of each class aside`,
  );
}

/**
 * The three parts that a training with early stopping uses. If the part that chooses the best epoch is missing, it is
 * split off the training set; so is the test set if the data set has only one part.
 * @param share the share of each class to split off for each missing part, in (0, 1)
 * @throws UserError when there is nothing to train on, or too little to split
 */
export function forFinetuning(
  found: FoundSplits,
  name: string,
  { share, seed }: { readonly share: number; readonly seed: number },
): Required<Splits> {
  const { train, validation } = found;
  if (!train) throw new UserError(`${name}: expected a training set, found only ${named(found)}`);
  // Without a test set, the error is reported on the validation set, which then does not choose the best epoch.
  const tested = found.test ?? validation;
  const parted = tested ? { train } : withSplitOff({ train }, name, share, deriveSeed(seed, 'test'));
  const test = tested ?? parted.validation!;
  if (found.test && validation) return { train, validation, test };
  const chosen = withSplitOff({ train: parted.train }, name, share, seed);
  return { train: chosen.train!, validation: chosen.validation!, test };
}

/**
 * The images that an evaluation uses: the test set; without one, the validation set; if the data set has only one part,
 * all of it.
 */
export function forTest(found: FoundSplits, name: string): ImageSet {
  const set = found.test ?? found.validation ?? found.train;
  if (set) return set;
  throw new UserError(`${name}: expected a test set, found none`);
}

function withSplitOff(found: FoundSplits, name: string, share: number, seed: number): FoundSplits {
  if (!(share > 0 && share < 1)) {
    throw new UserError(`${option('validationSplit')}: expected a share between 0 and 1, found ${share}`);
  }
  const { train, validation, test } = found;
  if (!train) return found;
  if (validation) {
    throw new UserError(
      `${option('validationSplit')}: expected a data set without a validation set, found ${validation.name}`,
    );
  }
  const { kept, heldOut } = stratifiedSplit(train.labels, train.classes.length, share, seed);
  if (heldOut.length === 0) {
    throw new UserError(
      `${option('validationSplit')}: expected a share that holds out at least one of the ${train.labels.length} images of ` +
        `${name} and leaves each class one, found ${share}`,
    );
  }
  return {
    train: subset(train, kept, train.name),
    validation: subset(train, heldOut, `${train.name}, ${heldOut.length} held out`),
    test,
  };
}

function named(found: FoundSplits): string {
  return [found.validation?.name, found.test?.name].filter(Boolean).join(' and ') || 'nothing';
}

/** Indices into the labels, ascending. */
export interface Split {
  readonly kept: Int32Array;
  readonly heldOut: Int32Array;
}

/**
 * Sets aside a share of the images of each class, rounded to whole images (largest remainders first; ties are broken at
 * random). Each class keeps at least one image, so none is taken from a class with a single image.
 * @param labels from 0 to `classes` - 1
 * @param share in (0, 1)
 */
export function stratifiedSplit(labels: Int32Array, classes: number, share: number, seed: number): Split {
  const members = Array.from({ length: classes }, (): number[] => []);
  labels.forEach((label, index) => members[label]!.push(index));
  const quotas = members.map(({ length }) => Math.floor(share * length));
  let missing = Math.round(share * labels.length) - quotas.reduce((sum, quota) => sum + quota, 0);
  for (const label of byRemainder(members, quotas, share, seed)) {
    if (missing <= 0) break;
    if (quotas[label]! + 1 >= members[label]!.length) continue;
    quotas[label]!++;
    missing--;
  }
  const held = new Uint8Array(labels.length);
  for (const [label, indices] of members.entries()) {
    const order = permutation(
      indices.length,
      seededRandom(deriveSeed(seed, 'validation split', 'class', label)),
    );
    for (const place of order.subarray(0, quotas[label])) held[indices[place]!] = 1;
  }
  const all = Int32Array.from(labels.keys());
  return { kept: all.filter((index) => !held[index]), heldOut: all.filter((index) => held[index]) };
}

/** Sorts the classes by the remainder of their share, largest first. */
function byRemainder(
  members: readonly (readonly number[])[],
  quotas: readonly number[],
  share: number,
  seed: number,
): readonly number[] {
  const drawn = permutation(members.length, seededRandom(deriveSeed(seed, 'validation split', 'remainders')));
  // Rounded to 1e-9, so that rounding errors in share * length cannot change the order.
  const remainder = (label: number) => Math.round((share * members[label]!.length - quotas[label]!) * 1e9);
  return [...drawn]
    .filter((label) => remainder(label) > 0)
    .sort((one, other) => remainder(other) - remainder(one));
}

/**
 * Splits a training set in two: images to learn from, and images that only choose the best epoch.
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
