/** The command `classify`: names what images show, with a trained model. */
import { badImagePolicies } from '../../src/data/image/bad-image';
import { cropKinds } from '../../src/data/augment/crop-kinds';
import { defaults } from '../../src/workflows/choices';
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import { answers, computing, labels, resize, sidesOf, weightNames } from '../cli/options/shared-options';
import { print } from '../cli/terminal/output';
import { inTerminal } from '../cli/terminal/session';

export const classify = command(
  (argv) =>
    computing(argv)
      .positional('images', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'image files, folders of them, or patterns such as "photos/*.jpg"',
      })
      .option('model', {
        type: 'string',
        demandOption: true,
        describe: `a model's folder, or a run's; or ${weightNames}`,
      })
      .option('top', {
        type: 'number',
        describe: `how many classes to name (default: ${defaults.ranks}, or all of fewer)`,
      })
      .option('crops', {
        choices: cropKinds,
        describe: 'average over parts of each image (default: its middle)',
      })
      .option('resize', resize)
      .option('answers', answers)
      .option('labels', labels)
      .option('on-bad-image', {
        choices: badImagePolicies,
        default: 'fail' as const,
        describe: 'what an image does that cannot be read',
      })
      .example('$0 classify digit.png --model lenet5', '')
      .example('$0 classify photo.jpg --model models/googlenet', ''),
  async ({ images, json, ...given }) => {
    const { classify: named } = library();
    const { classificationText } = texts();
    const found = await inTerminal((session) =>
      named(images, { ...given, resize: sidesOf(given.resize), ...session }),
    );
    print(json, found, classificationText(found));
  },
);
