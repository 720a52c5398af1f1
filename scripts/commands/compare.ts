/** The command `compare`: lists the errors of runs and models beside those of their papers. */
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import { foldersIn } from '../cli/own-folders';
import { json } from '../cli/options/shared-options';
import { trainedNames } from '../../src/weights/trained-names';
import { note, print } from '../cli/terminal/output';
import { inTerminal } from '../cli/terminal/session';

export const compare = command(
  (argv) =>
    argv
      .option('json', json)
      .positional('runs', {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: `folders of runs or models with reports in them, or ${trainedNames.join(', ')} (default: those under results/)`,
      })
      .option('out', {
        type: 'string',
        describe: 'a folder for compare.html, compare.json, compare.md and compare.csv',
      })
      .example('$0 compare', '')
      .example('$0 compare runs/mine results/lenet5-mnist-compiled --out comparison', ''),
  async ({ runs, out, json: asJson }) => {
    const { compare: compared } = library();
    const { comparedText } = texts();
    const asked = runs.length > 0;
    const { rows, damaged } = await inTerminal((session) =>
      compared(asked ? runs : foldersIn(), { out, everyFolder: asked, ...session }),
    );
    for (const line of damaged) note(`cnn-lineage: ${line}`);
    if (asked && damaged.length > 0) process.exitCode = 2;
    if (asked && rows.length === 0) return; // all are damaged, and each has been reported
    print(asJson, { rows }, comparedText(rows) + (out === undefined ? '' : `\n\nwritten to ${out}`));
  },
);
