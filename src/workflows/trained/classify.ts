/** Names what images show, with a trained network: files, or images in memory. */
import { UserError } from '../../core/errors';
import { expectOptions, expectText, type OptionNames } from '../../core/given/options';
import { wholeNumber } from '../../core/given/numbers';
import type { ImageFile, ImageFiles } from '../../data/dataset';
import { badImagePolicies, type BadImage, type BadImagePolicy } from '../../data/image/bad-image';
import { openLoader } from '../../data/loader/loader';
import { classifiedRows } from '../../evaluate/answers-table';
import type { Forward } from '../../evaluate/scores/forward';
import { classifications, type Classification } from '../../evaluate/scores/classify';
import { cropKinds } from '../../data/augment/crop-kinds';
import { defaults } from '../choices';
import { openContext, workflowOptions, type Context, type WorkflowOptions, type Zoo } from '../context';
import { namedImages } from '../data/named-images';
import { checkAnswers, writeAnswers, type AnswersOption } from '../evaluate/answers-output';
import { cropsOf, inFormFor, type CropOptions } from '../evaluate/crops';
import { foundWeights } from './named-weights';
import { notLoadedIn, openUsable, type Opened } from './open-folder';

/** How a trained network is asked for the classes of images. */
export interface ClassifyOptions extends CropOptions {
  /** How many classes to name, the best first. Default: 5, or all of fewer. */
  readonly top?: number | undefined;
  /** What becomes of an image that cannot be read. Default: `fail`. */
  readonly onBadImage?: BadImagePolicy | undefined;
}

export interface ClassifyFilesOptions extends ClassifyOptions, AnswersOption, WorkflowOptions {
  /** The folder of a trained model or of a run, or a name of trained weights: see `loadPretrained`. */
  readonly model: string;
  /** A file of class names, one a line. Default: the names that the folder keeps. */
  readonly labels?: string | undefined;
}

const names: OptionNames<ClassifyFilesOptions> = {
  model: 'required',
  top: 'optional',
  labels: 'optional',
  crops: cropKinds,
  resize: 'optional',
  answers: 'optional',
  onBadImage: badImagePolicies,
  ...workflowOptions,
};

/** The classes of one image, and which weights that affect them were never loaded or trained, if any. */
export type Classified = Classification & { readonly notLoaded?: readonly string[] };

/**
 * Names what images show, by the network in a folder.
 * @param images files, folders of images, or patterns such as `photos/*.jpg`
 * @throws UserError if there are no images, or the folder holds no trained network
 */
export async function classify(
  zoo: Zoo,
  images: string | readonly string[],
  given: ClassifyFilesOptions,
): Promise<readonly Classified[]> {
  expectOptions('classify', given, names);
  const { model: folder, labels, top, answers, ...options } = given;
  checkAnswers('classify', answers);
  if (top !== undefined) wholeNumber('top', top, 1);
  const words = typeof images === 'string' ? [images] : images;
  words.forEach((word) => expectText('classify', 'an image, a folder or a pattern', word));
  const { files, leftOut } = await namedImages(words);
  const context = await openContext(zoo, ['classify', images, { model: folder, labels, top }], options);
  for (const line of leftOut) context.remark(line);
  const { path } = await foundWeights(folder, context, { labelled: labels !== undefined });
  const opened = await openUsable(path, { labels }, context);
  try {
    const found = await classifyWith(
      opened,
      files.map((file) => ({ file })),
      { top, ...options },
      context,
    );
    if (found.length === 0)
      throw new UserError(`classify: expected images that can be read, found none of ${files.length}`);
    await writeAnswers(answers, () => classifiedRows(found));
    return found;
  } finally {
    opened.model.dispose();
  }
}

/** Images that are fewer than this are decoded without worker threads, which take longer to start. */
export const fewImages = 8;

/**
 * Shows images to a network that is open.
 * @param forward computes the scores of its own model. Default: it is made for these images alone
 */
export async function classifyWith(
  opened: Opened,
  files: readonly ImageFile[],
  { top, crops: kind, resize, onBadImage }: ClassifyOptions,
  context: Context,
  forward?: Forward,
): Promise<readonly Classified[]> {
  const crops = cropsOf({ crops: kind, resize }, opened.recipe);
  const trained = inFormFor(crops, opened, context.zoo);
  const loader = openLoader({ onBadImage, ...(files.length < fewImages && { workers: 0 }) });
  try {
    const classes = opened.model.outputs[0]!.shape.at(-1)!;
    const ranks = top === undefined ? Math.min(defaults.ranks, classes) : wholeNumber('top', top, 1, classes);
    const skipped: BadImage[] = [];
    const onSkipped = (image: BadImage) => void skipped.push(image);
    const found = await classifications(trained, imagesOf(files), {
      ...{ ranks, loader, crops, onSkipped },
      ...(trained === opened && { forward }),
    });
    for (const { file, reason } of skipped) context.remark(`left out: ${file}: ${reason}`);
    remarkInverted(
      found.filter(({ inverted }) => inverted).map(({ file }) => file),
      opened.network,
      context,
    );
    const facts = notLoadedIn([trained]);
    return found.map((one) => ({ ...one, ...facts }));
  } finally {
    if (trained !== opened) trained.model.dispose();
    await loader.close();
  }
}

/** Names a few of the pictures that were inverted, and how many there are. */
export function remarkInverted(files: readonly string[], network: string, { remark }: Context): void {
  const [first, ...others] = files;
  if (first === undefined) return;
  const which = others.length === 0 ? `${first}: it is` : `${first} and ${others.length} more: they are`;
  remark(`${which} dark on light, and shown inverted: ${network} learned light on dark`);
}

function imagesOf(files: readonly ImageFile[]): ImageFiles {
  return {
    kind: 'files',
    name: 'images',
    synthetic: false,
    classes: ['unknown'],
    labels: new Int32Array(files.length),
    files,
  };
}
