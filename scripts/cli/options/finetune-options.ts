/** The options of `finetune`. */
import type { Argv } from 'yargs';
import { dataFolders, dataNames } from '../../../src/data/datasets/catalogue';
import { conventions } from '../../../src/weights/import/toolkit-layout';
import {
  classWeightings,
  defaults,
  finetuneMethods,
  finetuneOptimisers,
} from '../../../src/workflows/choices';
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

export function finetuneOptions<A>(argv: Argv<A>) {
  return reading(computing(neededUnless(argv, 'resume', ['network', 'weights', 'data'])))
    .option('step', step)
    .option('precision', precision)
    .option('wire', wire)
    .positional('network', network)
    .option('weights', {
      type: 'string',
      describe: `trained weights: a file that import reads, the folder of a model or a run; or ${weightNames}`,
    })
    .option('data', {
      ...severalTexts,
      describe: `your images, a folder for each class; given several times, they are put together by the names of their classes; also ${dataNames.join(', ')}, or ${dataFolders}; with --resume, where they lie now`,
    })
    .option('test', {
      type: 'string',
      describe:
        'data whose test images take the place of any that --data has; their classes are some of its own',
    })
    .option('resume', { type: 'string', describe: 'resume the fine-tuning in this folder' })
    .option('out', { type: 'string', describe: 'the folder to make (default: runs/NETWORK-DATA-TIME)' })
    .option('freeze', {
      ...severalTexts,
      describe:
        'layers that keep their weights: all but the head and what was not loaded (default: all), none, or names with *, such as conv*',
    })
    .option('method', {
      choices: finetuneMethods,
      describe:
        'solve a head that is one linear layer on fixed features, with the weight decay that suits the validation images best; or descend gradients batch by batch (default: solve where that can be done and nothing asks for the other)',
    })
    .option('with-validation', {
      type: 'boolean',
      describe:
        'solve the head once more with the validation images, after they have chosen the weight decay',
    })
    .option('layer-rate', {
      ...severalTexts,
      describe:
        'LAYERS=FACTOR on the learning rate, such as inception_5*=2 (default: 10 for the head, 3 where it learns alone)',
    })
    .option('rate', { type: 'number', describe: 'the first learning rate of all but the head' })
    .option('find-rate', {
      type: 'boolean',
      describe:
        'look for a rate instead: learn for 100 updates at a rate that rises, draw the loss, propose a rate, and throw the weights away',
    })
    .option('optimiser', {
      choices: finetuneOptimisers,
      describe:
        'the rule that descends gradients (default: the network’s own); with adam and adamw the default of --rate is 0.0001, with adamw the weight decay 0.01',
    })
    .option('warm-up', {
      type: 'number',
      describe: 'epochs, or a part of one, in which the rate rises from a hundredth (default: none)',
    })
    .option('label-smoothing', {
      type: 'number',
      describe: 'the share of each label that is spread over all classes, such as 0.1 (default: 0)',
    })
    .option('clip-norm', {
      type: 'number',
      describe: 'scale the gradients of an update down to this norm where theirs is larger (default: never)',
    })
    .option('accumulate', {
      type: 'number',
      describe: 'batches whose gradients make one update, in the memory of one (default: 1)',
    })
    .option('epochs', { type: 'number', describe: 'at most (default: 60 of the head alone, else 8)' })
    .option('batch', { type: 'number', describe: 'images a batch, which is an update (default: 32)' })
    .option('variants', {
      type: 'number',
      describe: 'variants of each image, itself and distorted ones, that frozen layers see once (default: 1)',
    })
    .option('patience', {
      type: 'number',
      describe:
        'stop after so many epochs without a lower validation error (default: 30 where features are computed once, else 5)',
    })
    .option('class-weights', {
      choices: classWeightings,
      describe:
        'let each class count the same (default: auto, where one has over twice as many images as another)',
    })
    .option('validation-split', {
      type: 'number',
      describe: `share of each class to choose the best epoch by, where no folder does; without a test folder as much again (default: ${defaults.validationSplit})`,
    })
    .option('answers', answers)
    .option('names', { choices: conventions, describe: 'whose names the file uses (default: as it looks)' })
    .option('set', { ...severalTexts, describe: 'FIELD=VALUE of the recipe' })
    .option('seed', {
      type: 'number',
      describe: `fixes the head, order and distortions (default: ${defaults.seed})`,
    })
    .example('$0 finetune googlenet --weights bvlc_googlenet.caffemodel --data photos', '')
    .example(
      '$0 finetune googlenet --weights models/googlenet --data photos --freeze none',
      'all layers learn',
    );
}
