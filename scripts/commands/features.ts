/** The command `features`: writes what a layer of a trained model makes of images. */
import { badImagePolicies } from '../../src/data/image/bad-image';
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import { computing, weightNames } from '../cli/options/shared-options';
import { print } from '../cli/terminal/output';
import { inTerminal } from '../cli/terminal/session';

export const features = command(
  (argv) =>
    computing(argv)
      .positional('images', {
        type: 'string',
        array: true,
        demandOption: true,
        describe:
          'image files, folders of them, or patterns; or one data set, whose classes become labels: its name, or a folder with a folder for each class',
      })
      .option('model', {
        type: 'string',
        demandOption: true,
        describe: `a model's folder, or a run's; or ${weightNames}`,
      })
      .option('out', {
        type: 'string',
        demandOption: true,
        describe: 'the file, by its ending .safetensors, .npy, .npz or .csv',
      })
      .option('layer', {
        type: 'string',
        describe: 'whose outputs are written (default: the last before the classifier)',
      })
      .option('pool', {
        choices: ['average'] as const,
        describe: 'the mean of each feature map (default: all values, in the order height, width, maps)',
      })
      .option('part', {
        choices: ['train', 'validation', 'test'] as const,
        describe: 'one part of a data set (default: all, one after the other)',
      })
      .option('workers', {
        type: 'number',
        describe: 'threads that decode images; results do not depend on it (default: one a core)',
      })
      .option('on-bad-image', {
        choices: badImagePolicies,
        describe: 'what an image does that cannot be read (default: fail)',
      })
      .example('$0 features photos --model models/googlenet --layer pool5 --out photos.safetensors', '')
      .example('$0 features mnist --part test --model lenet5 --out test.npz', ''),
  async ({ images, json, ...given }) => {
    const { writeFeatures } = library();
    const { featuresText } = texts();
    const written = await inTerminal((session) => writeFeatures(images, { ...given, ...session }));
    print(json, written, featuresText(written));
  },
);
