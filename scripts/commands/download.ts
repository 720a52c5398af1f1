/** The command `download`: fetches a data set and checks its files. */
import { counted } from '../../src/core/text/counted';
import { downloadableNames, type DatasetName } from '../../src/data/datasets/catalogue';
import { dataRoot } from '../../src/data/open';
import { downloadDataset } from '../../src/data/datasets/download';
import { webFetch } from '../../src/core/io/download/web-fetch';
import { jsonOption, note, print, type Command } from '../cli/output';
import { interruption } from '../cli/interruption';

interface DownloadArguments {
  readonly dataset: DatasetName;
  readonly root: string | undefined;
  readonly mirror: readonly string[] | undefined;
  readonly json: boolean;
}

export const download: Command<DownloadArguments> = {
  command: 'download <dataset>',
  describe: 'download a data set, continuing where an interrupted download stopped',
  builder: (argv) =>
    jsonOption(argv)
      .positional('dataset', {
        choices: downloadableNames,
        demandOption: true,
        describe: 'which data set',
      })
      .option('root', {
        type: 'string',
        requiresArg: true,
        describe: "the data root; default LINEAGE_DATA, else the user's own",
      })
      .option('mirror', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'folders on the web to ask instead of the known ones',
      }),
  handler: async ({ dataset, root, mirror, json }) => {
    const { signal, release } = interruption();
    try {
      const result = await downloadDataset(dataset, {
        root: dataRoot(process.env, root),
        mirrors: mirror,
        signal,
        fetch: webFetch(process.env),
        onProgress: note,
      });
      const fetched = result.files.filter((file) => file.fetched).length;
      const unasked = mirror === undefined ? '' : '; no mirror was asked';
      const how = fetched === 0 ? `all were there${unasked}` : `${fetched} downloaded`;
      print(
        json,
        result,
        `${dataset}: ${counted(result.files.length, 'file')} with the right checksums (${how}): ${result.folder}`,
      );
    } finally {
      release();
    }
  },
};
