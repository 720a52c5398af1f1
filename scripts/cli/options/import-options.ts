/** The options of `import`, and which of them go together. */
import type { Argv } from 'yargs';
import { networkNames, type NetworkName } from '../../../models/registry';
import type { BackendName } from '../../../src/runtime/backend';
import { conventions, type Convention } from '../../../src/weights/import/toolkit-layout';
import { UserError } from '../../../src/core/errors';
import { backendOption, jsonOption } from '../output';
import { expectUsed } from './shared-options';
import { wholeNumber } from '../numbers';

export interface ImportArguments {
  file?: string | undefined;
  network?: NetworkName | undefined;
  out?: string | undefined;
  labels?: string | undefined;
  fit?: string | undefined;
  names?: Convention | undefined;
  classes?: number | undefined;
  partial: boolean;
  'despite-differences': boolean;
  download: boolean;
  mirror?: string[] | undefined;
  root?: string | undefined;
  list: boolean;
  backend?: BackendName | undefined;
  json: boolean;
}

/** The arguments of `import`. */
export function importOptions<A>(argv: Argv<A>) {
  return jsonOption(backendOption(argv))
    .positional('file', {
      type: 'string',
      describe: 'the weights; with --download, the name of a listed file',
    })
    .option('network', { choices: networkNames, describe: 'whose weights they are' })
    .option('out', { type: 'string', describe: 'the model folder to make' })
    .option('labels', {
      type: 'string',
      describe: 'a file of class names, one a line, such as synset_words.txt',
    })
    .option('fit', {
      type: 'string',
      describe:
        'the training set that the preprocessing takes a mean image or a whitening from, where it does',
    })
    .option('names', { choices: conventions, describe: 'whose names the file uses (default: as it looks)' })
    .option('classes', { type: 'number', describe: 'how many (default: as many as the file has)' })
    .option('partial', { type: 'boolean', default: false, describe: 'take what fits, draw the rest' })
    .option('despite-differences', {
      type: 'boolean',
      default: false,
      describe: 'take weights of layers that compute otherwise, by what the file says of them',
    })
    .option('download', {
      type: 'boolean',
      default: false,
      describe: 'fetch a listed file into the data root',
    })
    .option('mirror', { type: 'string', array: true, nargs: 1, describe: 'where to fetch it instead' })
    .option('root', {
      type: 'string',
      describe: 'the data root; default LINEAGE_DATA, else the user’s own',
    })
    .option('list', {
      type: 'boolean',
      default: false,
      describe: 'list the well-known files, of all or one network',
    })
    .example('$0 import --list', 'what is to be had')
    .example('$0 import bvlc_googlenet.caffemodel --network googlenet --out models/googlenet', '');
}

/** @throws UserError for an option that would have no effect, or an invalid number of classes */
export function expectOptionsUsed({
  list,
  download,
  ...given
}: Omit<ImportArguments, 'json' | 'network'>): void {
  const { file, classes, partial } = given;
  if (list) {
    if (file !== undefined)
      throw new UserError(`import: expected no file with --list, which imports nothing, found ${file}`);
    const said = {
      ...given,
      partial: partial || undefined,
      'despite-differences': given['despite-differences'] || undefined,
      download: download || undefined,
    };
    const others = [
      'out',
      'labels',
      'fit',
      'names',
      'classes',
      'partial',
      'despite-differences',
      'download',
      'mirror',
      'root',
    ] as const;
    expectUsed(said, [...others, 'backend'], '--list', true);
  }
  if (!download) expectUsed(given, ['mirror'], '--download', false);
  if (classes !== undefined) wholeNumber('--classes', classes, 1);
}
