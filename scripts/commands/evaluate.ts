/** The command `evaluate`: measures the error of a run, of a model, or of several together. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { cropKinds } from '../../src/data/augment/evaluation-crops';
import { UserError, codeOf } from '../../src/core/errors';
import { backendOption, chooseBackend, jsonOption, type Command } from '../cli/output';
import { resizeOption, loaderOptions, expectEachOnce } from '../cli/options/shared-options';
import {
  evaluateEnsemble,
  evaluateOne,
  type EvaluationArguments,
} from '../workflows/evaluate/evaluate-folder';
import { checkRejection } from '../workflows/evaluate/evaluation-report';
import { makeFolder } from '../../src/core/io/files';

export const evaluate: Command<EvaluationArguments> = {
  command: 'evaluate <models..>',
  describe: 'measure the error of a run or of a model folder, or of several together',
  builder: (argv) =>
    loaderOptions(jsonOption(backendOption(argv)))
      .positional('models', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'folders of runs or models; of several, the answers are averaged',
      })
      .option('data', {
        type: 'string',
        describe: "a data set with the model's classes (default: the run's own, its test set)",
      })
      .option('out', {
        type: 'string',
        describe: "the folder for the report and its images (default: the model's own)",
      })
      .option('crops', {
        choices: cropKinds,
        describe:
          'average over parts of each image: centre one, ten (AlexNet), dense every position of it whole (VGG), grid 50 a scale (VGG), squares 36 a scale (GoogLeNet)',
      })
      .option('resize', resizeOption)
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
      .option('labels', { type: 'string', describe: 'a file of class names, one a line' })
      .option('weights', {
        choices: ['last', 'best'] as const,
        describe: "a run's: of the last epoch, or best on validation (default: best if there)",
      })
      .example('$0 evaluate models/googlenet --data photos --crops ten', ''),
  handler: async (given) => {
    checkRejection(given.rejection);
    expectEachOnce('evaluate', given.models);
    const runtime = await chooseBackend(given.backend);
    const [model] = given.models as [string];
    await expectPlace(given.out ?? model, given.out !== undefined);
    await (given.models.length > 1
      ? evaluateEnsemble(given, runtime)
      : evaluateOne({ ...given, model }, runtime));
  },
};

/**
 * Creates the folder of the report if --out named it; a model's own folder must be writable.
 * @throws UserError when the folder cannot be created or written
 */
async function expectPlace(folder: string, asked: boolean): Promise<void> {
  if (asked) await makeFolder(folder);
  const refused = await access(folder, constants.W_OK).then(() => undefined, codeOf);
  if (refused === 'EACCES' || refused === 'EROFS' || refused === 'EPERM')
    throw new UserError(
      `${folder}: expected a folder that can be written, for the report, found one that cannot` +
        (asked ? '' : '; --out names another'),
    );
}
