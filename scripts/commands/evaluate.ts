/** The command `evaluate`: measures the error of a run, of a model, or of several together. */
import { cropKinds } from '../../src/data/augment/crop-kinds';
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import {
  answers,
  computing,
  labels,
  reading,
  resize,
  sidesOf,
  weightNames,
} from '../cli/options/shared-options';
import { print } from '../cli/terminal/output';
import { inTerminal } from '../cli/terminal/session';

export const evaluate = command(
  (argv) =>
    reading(computing(argv))
      .positional('models', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: `folders of runs or models, or ${weightNames}; of several, the answers are averaged`,
      })
      .option('data', {
        type: 'string',
        describe: "a data set with the model's classes (default: the run's own, its test set)",
      })
      .option('out', {
        type: 'string',
        describe:
          "the folder for the report and its images (default: the model's own; runs/evaluate-NAME for weights by name)",
      })
      .option('crops', {
        choices: cropKinds,
        describe:
          'average over parts of each image: centre one, ten (AlexNet), dense every position of it whole (VGG), grid 50 a scale (VGG), squares 36 a scale (GoogLeNet)',
      })
      .option('resize', resize)
      .option('top', {
        type: 'number',
        array: true,
        nargs: 1,
        describe: 'also count errors of so many guesses',
      })
      .option('rejection', {
        type: 'string',
        describe: 'draw the error of what is left when the least sure answers are rejected, as FILE.svg',
      })
      .option('answers', answers)
      .option('labels', labels)
      .option('weights', {
        choices: ['last', 'best'] as const,
        describe: "a run's: of the last epoch, or best on validation (default: best if there)",
      })
      .example('$0 evaluate models/googlenet --data photos --crops ten', ''),
  async ({ models, json, ...given }) => {
    const { evaluateFolder } = library();
    const { evaluatedText } = texts();
    const { report, path } = await inTerminal((session) =>
      evaluateFolder(models, { ...given, resize: sidesOf(given.resize), ...session }),
    );
    print(json, report, evaluatedText(report, path, { rejection: given.rejection !== undefined }));
  },
);
