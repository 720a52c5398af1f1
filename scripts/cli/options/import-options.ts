/** The options of `import`, and which of them go together. */
import type { ArgumentsCamelCase, Argv } from 'yargs';
import { UserError } from '../../../src/core/errors';
import { conventions } from '../../../src/weights/import/toolkit-layout';
import { neededUnless } from './needed';
import { computing, expectUsed, network, severalTexts } from './shared-options';

export function importOptions<A>(argv: Argv<A>) {
  return computing(neededUnless(argv, 'list', ['file', 'network', 'out']))
    .positional('file', {
      type: 'string',
      describe: 'the weights; with --download, the name of a listed file',
    })
    .option('network', { ...network, describe: 'whose weights they are' })
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
    .option('mirror', { ...severalTexts, describe: 'where to fetch it instead' })
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

type Given = ArgumentsCamelCase<ReturnType<typeof importOptions<object>> extends Argv<infer A> ? A : never>;

/** @throws UserError for an option that would have no effect */
export function expectOptionsUsed({
  list,
  file,
  partial,
  despiteDifferences,
  download,
  ...given
}: Given): void {
  if (!list) {
    if (!download) expectUsed(given, ['mirror'], '--download', false);
    return;
  }
  if (file !== undefined)
    throw new UserError(`import: expected no file with --list, which imports nothing, found ${file}`);
  const said = {
    ...given,
    partial: partial || undefined,
    despiteDifferences: despiteDifferences || undefined,
    download: download || undefined,
  };
  const others = ['out', 'labels', 'fit', 'names', 'classes', 'partial', 'despiteDifferences'] as const;
  expectUsed(said, [...others, 'download', 'mirror', 'root', 'backend'], '--list', true);
}
