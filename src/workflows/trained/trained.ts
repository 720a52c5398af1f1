/** A trained network that is open: it names what images show until it is disposed of. */
import { expectOptions, expectText, type OptionNames } from '../../core/given/options';
import { forwardOf } from '../../evaluate/scores/forward';
import type { RankedClass } from '../../evaluate/scores/classify';
import { classifyWith, type ClassifyOptions } from './classify';
import { openContext, workflowOptions, type Context, type WorkflowOptions, type Zoo } from '../context';
import { foundWeights, pretrainedWeights, type FoundWeights } from './named-weights';
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
  weights: ['last', 'best'],
  ...workflowOptions,
};
const { weights: _ofRuns, ...pretrainedOptions } = names;

/**
 * Opens a network that was trained, fine-tuned or imported, on the backend that is in use or the best there is.
 * @param folder the folder of a run or a model, or a name that `loadPretrained` takes
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
  const labelled = options.labels !== undefined;
  return opened(await foundWeights(folder, context, { labelled }), options, context);
}

/**
 * Opens trained weights by their name: those that come with the package, or a network's well-known ones, which are
 * downloaded where they are not in the data root, and imported once.
 * @throws UserError for another name, and as `openTrained`
 */
export async function loadPretrained(
  zoo: Zoo,
  name: string,
  options: Omit<OpenTrainedOptions, 'weights'> = {},
): Promise<Trained> {
  expectText('loadPretrained', 'the name of trained weights', name);
  expectOptions('loadPretrained', options, pretrainedOptions);
  const context = await openContext(zoo, ['loadPretrained', name], options);
  const labelled = options.labels !== undefined;
  return opened(await pretrainedWeights(name, context, { labelled }), options, context);
}

async function opened(
  { path }: FoundWeights,
  options: OpenTrainedOptions,
  context: Context,
): Promise<Trained> {
  const trained = await openUsable(path, options, context);
  const forward = forwardOf(trained.model); // recorded once, for all images to come
  const classify = async (given: EncodedImage | readonly EncodedImage[], asked: AskOptions = {}) => {
    const images = typeof given === 'string' || given instanceof Uint8Array ? [given] : given;
    const files = images.map((image, at) =>
      typeof image === 'string'
        ? { file: image }
        : { file: `image ${at + 1}, given by its bytes`, bytes: image },
    );
    const found = (await classifyWith(trained, files, asked, context, forward)).map(
      ({ predictions }) => predictions,
    );
    return images === given ? found : found[0]!;
  };
  return {
    ...trained,
    classify: classify as Trained['classify'],
    dispose: () => {
      forward.dispose();
      trained.model.dispose();
    },
  };
}
