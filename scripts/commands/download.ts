/** The command `download`: fetches a data set and checks its files. */
import { counted } from '../../src/core/text/counted';
import { downloadableNames } from '../../src/data/datasets/catalogue';
import { command } from '../cli/command';
import { library } from '../cli/library';
import { json } from '../cli/options/shared-options';
import { print } from '../cli/terminal/output';
import { whileDownloading } from '../cli/terminal/session';

export const download = command(
  (argv) =>
    argv
      .option('json', json)
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
  async ({ dataset, root, mirror, json: asJson }) => {
    const { downloadData } = library();
    const result = await whileDownloading((session) => downloadData(dataset, { root, mirror, ...session }));
    const fetched = result.files.filter((file) => file.fetched).length;
    const unasked = mirror === undefined ? '' : '; no mirror was asked';
    const how = fetched === 0 ? `all were there${unasked}` : `${fetched} downloaded`;
    const files = counted(result.files.length, 'file');
    print(asJson, result, `${dataset}: ${files} with the right checksums (${how}): ${result.folder}`);
  },
);
