/** The command `classify`: names what images show, with a trained model. */
import { openLoader } from '../../src/data/loader/loader';
import { badImagePolicies, type BadImagePolicy } from '../../src/data/image/bad-image';
import type { ImageFiles } from '../../src/data/dataset';
import type { BadImage } from '../../src/data/image/bad-image';
import { cropKinds, type CropKind } from '../../src/data/augment/evaluation-crops';
import { UserError } from '../../src/core/errors';
import { classificationText, classifications } from '../../src/evaluate/scores/classify';
import type { BackendName } from '../../src/runtime/backend';
import { backendOption, chooseBackend, jsonOption, note, print, type Command } from '../cli/output';
import { cropsOf, inFormFor, resizeOption } from '../cli/options/shared-options';
import { namedImages } from '../../src/workflows/named-images';
import { notLoadedIn, openUsable } from '../workflows/open-trained';
import { wholeNumber } from '../cli/numbers';

interface Arguments {
  images: string[];
  model: string;
  top?: number | undefined;
  crops?: CropKind | undefined;
  resize?: string | undefined;
  labels?: string | undefined;
  'on-bad-image': BadImagePolicy;
  backend?: BackendName | undefined;
  json: boolean;
}

/** The default number of classes to name. */
const usualRanks = 5;

export const classify: Command<Arguments> = {
  command: 'classify <images..>',
  describe: 'name what images show, by a trained model',
  builder: (argv) =>
    jsonOption(backendOption(argv))
      .positional('images', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'image files, folders of them, or patterns such as "photos/*.jpg"',
      })
      .option('model', { type: 'string', demandOption: true, describe: "a model's folder, or a run's" })
      .option('top', {
        type: 'number',
        describe: `how many classes to name (default: ${usualRanks}, or all of fewer)`,
      })
      .option('crops', {
        choices: cropKinds,
        describe: 'average over parts of each image (default: its middle)',
      })
      .option('resize', resizeOption)
      .option('labels', { type: 'string', describe: 'a file of class names, one a line' })
      .option('on-bad-image', {
        choices: badImagePolicies,
        default: 'fail' as const,
        describe: 'what an image does that cannot be read',
      })
      .example('$0 classify photo.jpg --model models/googlenet', ''),
  handler: async ({ images, model: folder, top, labels, backend, json, ...given }) => {
    if (top !== undefined) wholeNumber('--top', top, 1);
    const { files, leftOut } = await namedImages(images);
    for (const line of leftOut) note(line);
    await chooseBackend(backend);
    const opened = await openUsable(folder, { labels });
    const crops = cropsOf(given, opened.recipe);
    const trained = inFormFor(crops, opened);
    const ranks = ranksOf(top, trained.model.outputs[0]!.shape.at(-1)!);
    const loader = openLoader({ onBadImage: given['on-bad-image'], ...(files.length < 8 && { workers: 0 }) });
    try {
      const skipped: BadImage[] = [];
      const onSkipped = (image: BadImage) => void skipped.push(image);
      const found = await classifications(trained, imagesOf(files), { ranks, loader, crops, onSkipped });
      for (const { file, reason } of skipped) note(`left out: ${file}: ${reason}`);
      if (found.length === 0)
        throw new UserError(`classify: expected images that can be read, found none of ${files.length}`);
      const facts = notLoadedIn([trained]);
      print(
        json,
        found.map((one) => ({ ...one, ...facts })),
        classificationText(found),
      );
    } finally {
      await loader.close();
      trained.model.dispose();
    }
  },
};

/** @throws UserError for more classes than there are */
function ranksOf(top: number | undefined, classes: number): number {
  return top === undefined ? Math.min(usualRanks, classes) : wholeNumber('--top', top, 1, classes);
}

function imagesOf(files: readonly string[]): ImageFiles {
  return {
    kind: 'files',
    name: 'images',
    synthetic: false,
    classes: ['unknown'],
    labels: new Int32Array(files.length),
    files: files.map((file) => ({ file })),
  };
}
