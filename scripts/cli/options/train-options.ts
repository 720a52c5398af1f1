/** The options of `train`. */
import type { Argv } from 'yargs';
import { recipeFields } from '../../../src/core/recipe/fields';
import { dataFolders, dataNames } from '../../../src/data/datasets/catalogue';
import { defaults } from '../../../src/workflows/choices';
import { neededUnless } from './needed';
import {
  answers,
  computing,
  network,
  precision,
  reading,
  severalTexts,
  step,
  weightNames,
  wire,
} from './shared-options';

export function trainOptions<A>(argv: Argv<A>) {
  return reading(computing(neededUnless(argv, 'resume', ['network'])))
    .option('step', step)
    .option('precision', precision)
    .positional('network', network)
    .option('resume', { type: 'string', describe: 'resume the run in this folder' })
    .option('data', {
      type: 'string',
      describe: `${dataNames.join(', ')}, ${dataFolders} (default: the recipe's); with --resume, where the run's data lies now`,
    })
    .option('out', { type: 'string', describe: "the run's folder (default: runs/NETWORK-DATA-TIME)" })
    .option('start-from', {
      type: 'string',
      describe: `the folder of a run or a model whose trained weights to start from, of the same network or the recipe's; or ${weightNames}`,
    })
    .option('seed', {
      type: 'number',
      describe: `fixes weights, order and distortions (default: ${defaults.seed})`,
    })
    .option('epochs', { type: 'number', describe: 'stretches the schedule to so many epochs' })
    .option('batch', { type: 'number', describe: 'images an update' })
    .option('set', {
      ...severalTexts,
      describe: 'FIELD=VALUE of the recipe, such as schedule.from=0.002',
    })
    .option('validation', {
      type: 'number',
      describe: 'hold out so many training images; their best epoch is reported (default: 0)',
    })
    .option('validation-split', {
      type: 'number',
      describe:
        'split this share of each class off; without a test folder it is what the error is reported on',
    })
    .option('checkpoint-every', {
      type: 'number',
      describe: `updates between checkpoints (default: ${defaults.checkpointEvery})`,
    })
    .option('linear-scaling', {
      type: 'boolean',
      describe: 'of several ranks: each takes the recipe’s batch, and the rate is multiplied by their number',
    })
    .option('wire', wire)
    .option('answers', answers)
    .example('$0 train lenet5 --data mnist', 'the paper’s experiment')
    .example('$0 train lenet5 --data digits --set loss.rival=0.1', 'another j in eq. 9')
    .epilogue(`fields of a recipe: ${recipeFields.join(', ')}`);
}
