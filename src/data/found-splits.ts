import { UserError } from '../errors';
import { subset, type ImageSet, type Splits } from './dataset';
import { deriveSeed } from '../random';
import { stratifiedSplit } from './stratified-split';

/** The parts of a data set that its reader found. */
export interface FoundSplits<Kind extends ImageSet = ImageSet> {
  readonly train?: Kind | undefined;
  readonly validation?: Kind | undefined;
  readonly test?: Kind | undefined;
}

/**
 * What a training needs of the parts that were found. A share split off the training set takes the place of a
 * validation folder. The error is reported on the test set; without one, on the validation set, as ImageNet's is, which
 * then chooses nothing.
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
      '--validation-split 0.1 sets a tenth of each class aside',
  );
}

/**
 * What a training needs that stops early: three parts. The part that chooses the best epoch, and of a set that is not
 * parted the test set as well, are split off the training set.
 * @param share of each class to split off for each part that is missing, in (0, 1)
 * @throws UserError when there is nothing to train on, or too little to part
 */
export function forTuning(
  found: FoundSplits,
  name: string,
  { share, seed }: { readonly share: number; readonly seed: number },
): Required<Splits> {
  const { train, validation } = found;
  if (!train) throw new UserError(`${name}: expected a training set, found only ${named(found)}`);
  // Without a test set, the error is reported on the validation set, which then chooses nothing.
  const tested = found.test ?? validation;
  const parted = tested ? { train } : withSplitOff({ train }, name, share, deriveSeed(seed, 'test'));
  const test = tested ?? parted.validation!;
  if (found.test && validation) return { train, validation, test };
  const chosen = withSplitOff({ train: parted.train }, name, share, seed);
  return { train: chosen.train!, validation: chosen.validation!, test };
}

/**
 * What an evaluation needs: the test set, without one the validation set, and of a data set that is not parted all of
 * it.
 */
export function forTest(found: FoundSplits, name: string): ImageSet {
  const set = found.test ?? found.validation ?? found.train;
  if (set) return set;
  throw new UserError(`${name}: expected a test set, found none`);
}

function withSplitOff(found: FoundSplits, name: string, share: number, seed: number): FoundSplits {
  if (!(share > 0 && share < 1)) {
    throw new UserError(`--validation-split: expected a share between 0 and 1, found ${share}`);
  }
  const { train, validation, test } = found;
  if (!train) return found;
  if (validation) {
    throw new UserError(
      `--validation-split: expected a data set without a validation set, found ${validation.name}`,
    );
  }
  const { kept, heldOut } = stratifiedSplit(train.labels, train.classes.length, share, seed);
  if (heldOut.length === 0) {
    throw new UserError(
      `--validation-split: expected a share that holds out at least one of the ${train.labels.length} images of ` +
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
