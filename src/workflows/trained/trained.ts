/** A trained network that is open: it names what images show until it is disposed of. */
import { expectOptions, expectText, type OptionNames } from '../../core/given/options';
import { forwardOf } from '../../evaluate/scores/forward';
import type { RankedClass } from '../../evaluate/scores/classify';
import { classifyWith, type ClassifyOptions } from './classify';
import { openContext, workflowOptions, type WorkflowOptions, type Zoo } from '../context';
import { openUsable, type OpenOptions, type Opened } from './open-folder';

/** An image: the path of a file, or the bytes of one (JPEG, PNG, WebP, GIF, TIFF, AVIF, BMP). */
export type EncodedImage = string | Uint8Array;

/** How an open network is asked; an image that cannot be read is an error. */
export type AskOptions = Omit<ClassifyOptions, 'onBadImage'>;

/** A trained network, ready for images. */
export interface Trained extends Opened {
  /**
   * The classes of an image, the best first, after the preprocessing of the network's recipe.
   * @throws BadImageError if it cannot be read
   */
  classify(image: EncodedImage, options?: AskOptions): Promise<readonly RankedClass[]>;
  /** The same for several images, in their order. */
  classify(
    images: readonly EncodedImage[],
    options?: AskOptions,
  ): Promise<readonly (readonly RankedClass[])[]>;
  /** Frees the weights. */
  dispose(): void;
}

export interface OpenTrainedOptions extends OpenOptions, WorkflowOptions {}

const names: OptionNames<OpenTrainedOptions> = {
  labels: 'optional',
  weights: 'optional',
  ...workflowOptions,
};

/**
 * Opens a network that was trained, fine-tuned or imported, on the backend that is in use or the best there is.
 * @param folder the folder of a run or a model
 * @throws UserError if the folder is neither, is damaged, or lacks what its preprocessing needs
 */
export async function openTrained(
  zoo: Zoo,
  folder: string,
  options: OpenTrainedOptions = {},
): Promise<Trained> {
  expectText('openTrained', 'the folder of a model', folder);
  expectOptions('openTrained', options, names);
  const context = await openContext(zoo, ['openTrained', folder], options);
  const opened = await openUsable(folder, options, context);
  const forward = forwardOf(opened.model); // recorded once, for all images to come
  const classify = async (given: EncodedImage | readonly EncodedImage[], asked: AskOptions = {}) => {
    const images = typeof given === 'string' || given instanceof Uint8Array ? [given] : given;
    const files = images.map((image, at) =>
      typeof image === 'string'
        ? { file: image }
        : { file: `image ${at + 1}, given by its bytes`, bytes: image },
    );
    const found = (await classifyWith(opened, files, asked, context, forward)).map(
      ({ predictions }) => predictions,
    );
    return images === given ? found : found[0]!;
  };
  return {
    ...opened,
    classify: classify as Trained['classify'],
    dispose: () => {
      forward.dispose();
      opened.model.dispose();
    },
  };
}
