/** A trained network that is open in a page: it names what images show until it is disposed of. */
import { wholeNumber } from '../../core/given/numbers';
import { UserError } from '../../core/errors';
import type { Network } from '../../core/network';
import type { CropProtocol } from '../../data/augment/evaluation-crops';
import type { ImageFiles } from '../../data/dataset';
import { forwardOf } from '../../evaluate/scores/forward';
import { classifications, type RankedClass } from '../../evaluate/scores/classify';
import type { ModelRecord } from '../../weights/model-record';
import { countingWeights } from '../../weights/not-loaded';
import type { TrainedModel } from '../../weights/trained-model';
import { pageImage, type ImageSource } from '../images/images';
import { pageLoader } from '../images/loader';
import { guarded, type Cancellable } from '../training';

/** How an open network is asked. */
export interface PageClassifyOptions extends Cancellable {
  /** How many classes to name, the best first. Default: 5, or all of fewer. */
  readonly top?: number | undefined;
  /** Which parts of the image are seen, as `cropsFor` makes them; not `dense`. Default: the recipe's single crop. */
  readonly crops?: CropProtocol | undefined;
}

/** What a page's network says of an image. */
export interface PageAnswer {
  /** The classes, the best first. */
  readonly predictions: readonly RankedClass[];
  /** Whether the image was dark on light, and was shown inverted to a network that learned light on dark. */
  readonly inverted: boolean;
}

/** A trained network, ready for images. */
export interface PageTrained extends TrainedModel {
  /** The network that it is of. */
  readonly builder: Network;
  /** What its folder records, but for the digest of its weights. */
  readonly record: Omit<ModelRecord, 'sha256'>;
  /** Weights that affect its answers and were never loaded or trained; empty of a network that is whole. */
  readonly drawn: readonly string[];
  /**
   * The classes of an image, the best first, after the preprocessing of the network's recipe.
   * @throws BadImageError if it cannot be read; DeviceLost; the signal's reason
   */
  classify(image: ImageSource, options?: PageClassifyOptions): Promise<readonly RankedClass[]>;
  /** The same with what was done to the image. */
  answer(image: ImageSource, options?: PageClassifyOptions): Promise<PageAnswer>;
  /** Frees the weights. */
  dispose(): void;
}

/** Makes a model ready for images; it belongs to the result, which disposes of it. */
export function pageTrained(
  trained: TrainedModel,
  builder: Network,
  record: Omit<ModelRecord, 'sha256'>,
): PageTrained {
  const { model } = trained;
  const forward = forwardOf(model);
  const classes = model.outputs[0]!.shape.at(-1)!;
  const answer: PageTrained['answer'] = async (image, { top, crops, signal } = {}) => {
    const ranks = top === undefined ? Math.min(5, classes) : wholeNumber('top', top, 1, classes);
    if (crops?.kind === 'dense')
      throw new UserError('classify: expected crops of one size, found dense ones');
    const seen = { ranks, loader: pageLoader(), crops, forward };
    const [found] = await guarded('classification', signal, () =>
      classifications(trained, imageSet(image), seen),
    );
    signal?.throwIfAborted();
    return { predictions: found!.predictions, inverted: found!.inverted === true };
  };
  return {
    ...trained,
    builder,
    record,
    drawn: countingWeights(model, trained.notLoaded),
    answer,
    classify: async (image, options) => (await answer(image, options)).predictions,
    dispose: () => {
      forward.dispose();
      model.dispose();
    },
  };
}

function imageSet(image: ImageSource): ImageFiles {
  return {
    kind: 'files',
    name: 'images',
    synthetic: false,
    classes: ['unknown'],
    labels: new Int32Array(1),
    files: [pageImage(image, 'the image')],
  };
}
