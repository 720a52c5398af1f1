/** The options of `finetune`. */
import type { Argv } from 'yargs';
import { networkNames, type NetworkName } from '../../../models/registry';
import { dataFolders, dataNames } from '../../../src/data/open';
import type { BackendName } from '../../../src/runtime/backend';
import { conventions, type Convention } from '../../../src/weights/import/toolkit-layout';
import { backendOption, jsonOption, stepOptions } from '../output';
import { loaderOptions, type LoaderArguments } from './shared-options';
import { finetuneMethods } from '../../workflows/finetune/finetune-method';
import type { Precision, StepKind } from '../../../src/graph/precision';

export interface FinetuneArguments extends LoaderArguments {
  network?: NetworkName | undefined;
  weights?: string | undefined;
  data?: string | undefined;
  resume?: string | undefined;
  out?: string | undefined;
  freeze?: string[] | undefined;
  'layer-rate'?: string[] | undefined;
  method?: (typeof finetuneMethods)[number] | undefined;
  'with-validation'?: boolean | undefined;
  rate?: number | undefined;
  epochs?: number | undefined;
  batch?: number | undefined;
  variants?: number | undefined;
  patience?: number | undefined;
  'class-weights'?: 'auto' | 'balanced' | 'none' | undefined;
  'validation-split'?: number | undefined;
  names?: Convention | undefined;
  set?: string[] | undefined;
  seed?: number | undefined;
  step?: StepKind | undefined;
  precision?: Precision | undefined;
  backend?: BackendName | undefined;
  json: boolean;
}

/** The arguments of `finetune`. */
export function finetuneOptions<A>(argv: Argv<A>) {
  return loaderOptions(jsonOption(stepOptions(backendOption(argv))))
    .positional('network', { choices: networkNames, describe: 'its name' })
    .option('weights', {
      type: 'string',
      describe: 'trained weights: a file that import reads, or the folder of a model or a run',
    })
    .option('data', {
      type: 'string',
      describe: `your images, a folder for each class; also ${dataNames.join(', ')}, or ${dataFolders}; with --resume, where they lie now`,
    })
    .option('resume', { type: 'string', describe: 'resume the fine-tuning in this folder' })
    .option('out', { type: 'string', describe: 'the folder to make (default: runs/NETWORK-DATA-TIME)' })
    .option('freeze', {
      type: 'string',
      array: true,
      nargs: 1,
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
      type: 'string',
      array: true,
      nargs: 1,
      describe:
        'LAYERS=FACTOR on the learning rate, such as inception_5*=2 (default: 10 for the head, 3 where it learns alone)',
    })
    .option('rate', { type: 'number', describe: 'the first learning rate of all but the head' })
    .option('epochs', { type: 'number', describe: 'at most (default: 60 of the head alone, else 8)' })
    .option('batch', { type: 'number', describe: 'images an update (default: 32)' })
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
      choices: ['auto', 'balanced', 'none'] as const,
      describe:
        'let each class count the same (default: auto, where one has over twice as many images as another)',
    })
    .option('validation-split', {
      type: 'number',
      describe:
        'share of each class to choose the best epoch by, where no folder does; without a test folder as much again (default: 0.15)',
    })
    .option('names', { choices: conventions, describe: 'whose names the file uses (default: as it looks)' })
    .option('set', { type: 'string', array: true, nargs: 1, describe: 'FIELD=VALUE of the recipe' })
    .option('seed', { type: 'number', describe: 'fixes the head, order and distortions (default: 1)' })
    .example('$0 finetune googlenet --weights bvlc_googlenet.caffemodel --data photos', '')
    .example(
      '$0 finetune googlenet --weights models/googlenet --data photos --freeze none',
      'all layers learn',
    );
}
