/** The command `train`: trains a network by its recipe, or resumes such a training. */
import { networkNames, type NetworkName } from '../../models/registry';
import { recipeFields } from '../../src/core/recipe/overrides';
import { dataFolders, dataNames } from '../../src/data/open';
import type { BackendName } from '../../src/runtime/backend';
import { backendOption, chooseBackend, jsonOption, stepOptions, type Command } from '../cli/output';
import { loaderOptions, type LoaderArguments } from '../cli/options/shared-options';
import { expectGoingOn, settledByTrain } from '../cli/options/resume-options';
import { defaults, newRun, resumedRun } from '../workflows/train/start-run';
import { runToTheEnd } from '../workflows/train/run-to-end';
import type { Precision, StepKind } from '../../src/graph/precision';

interface Arguments extends LoaderArguments {
  network?: NetworkName | undefined;
  resume?: string | undefined;
  data?: string | undefined;
  out?: string | undefined;
  'start-from'?: string | undefined;
  seed?: number | undefined;
  epochs?: number | undefined;
  batch?: number | undefined;
  set?: string[] | undefined;
  validation?: number | undefined;
  'validation-split'?: number | undefined;
  'checkpoint-every'?: number | undefined;
  step?: StepKind | undefined;
  precision?: Precision | undefined;
  backend?: BackendName | undefined;
  json: boolean;
}

export const train: Command<Arguments> = {
  command: 'train [network]',
  describe: 'train a network by its recipe, in a folder of its own',
  builder: (argv) =>
    loaderOptions(jsonOption(stepOptions(backendOption(argv))))
      .positional('network', { choices: networkNames, describe: 'its name' })
      .option('resume', { type: 'string', describe: 'resume the run in this folder' })
      .option('data', {
        type: 'string',
        describe: `${dataNames.join(', ')}, ${dataFolders} (default: the recipe's); with --resume, where the run's data lies now`,
      })
      .option('out', { type: 'string', describe: "the run's folder (default: runs/NETWORK-DATA-TIME)" })
      .option('start-from', {
        type: 'string',
        describe: "the run's folder whose trained weights to start from, of the same network or the recipe's",
      })
      .option('seed', {
        type: 'number',
        describe: `fixes weights, order and distortions (default: ${defaults.seed})`,
      })
      .option('epochs', { type: 'number', describe: 'stretches the schedule to so many epochs' })
      .option('batch', { type: 'number', describe: 'images an update' })
      .option('set', {
        type: 'string',
        array: true,
        nargs: 1,
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
      .example('$0 train lenet5 --data mnist', 'the paper’s experiment')
      .example('$0 train lenet5 --data digits --set loss.rival=0.1', 'another j in eq. 9')
      .epilogue(`fields of a recipe: ${recipeFields.join(', ')}`),
  handler: async ({ backend, json, resume, ...asked }) => {
    const choices = {
      ...asked,
      checkpointEvery: asked['checkpoint-every'],
      startFrom: asked['start-from'],
      validationSplit: asked['validation-split'],
      onBadImage: asked['on-bad-image'],
    };
    if (resume !== undefined) await expectGoingOn(resume, asked, settledByTrain);
    const runtime = await chooseBackend(backend);
    await runToTheEnd(
      await (resume === undefined ? newRun(choices, runtime) : resumedRun(resume, runtime, choices)),
      json,
    );
  },
};
