/** The command `inspect-data`: a look at a data set before anything learns from it. */
import { dataFolders, dataNames } from '../../src/data/datasets/catalogue';
import { defaults } from '../../src/workflows/choices';
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import { json } from '../cli/options/shared-options';
import { print } from '../cli/terminal/output';
import { inTerminal } from '../cli/terminal/session';

export const inspectData = command(
  (argv) =>
    argv
      .positional('data', {
        type: 'string',
        demandOption: true,
        array: true,
        describe: `your images, a folder for each class; several are put together by the names of their classes; also ${dataNames.join(', ')}, or ${dataFolders}`,
      })
      .option('json', json)
      .option('sheet', {
        type: 'string',
        describe: 'draw images of each class, and those that are there twice, into this PNG file',
      })
      .option('test', {
        type: 'string',
        describe: 'data whose test set a fine-tuning would take instead',
      })
      .option('validation-split', {
        type: 'number',
        describe: `the share of each class that a fine-tuning would split off for each part that is missing (default: ${defaults.validationSplit})`,
      })
      .example('$0 inspect-data photos --sheet photos.png', ''),
  async ({ data, json: asJson, ...given }) => {
    const { inspectData: look } = library();
    const { inspectedDataText } = texts();
    const found = await inTerminal(({ onProgress }) => look(data, { ...given, onProgress }));
    print(asJson, found, inspectedDataText(found));
  },
);
