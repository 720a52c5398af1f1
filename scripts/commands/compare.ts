/** The command `compare`: lists the errors of runs and models beside those of their papers. */
import { join } from 'node:path';
import { zoo } from '../../models/registry';
import { comparisonPage } from '../../src/report/page/page';
import { compared } from '../../src/report/compare';
import { comparedCsv, comparedMarkdown, comparedText } from '../../src/report/compare-text';
import { writeFileAtomically, makeFolder } from '../../src/core/io/files';
import { useBackend } from '../../src/runtime/backend';
import { jsonOption, note, print, type Command } from '../cli/output';
import { madeNow, networksOfPage, resultOf } from '../workflows/comparison-page-data';
import { expectFolder, expectEachOnce } from '../cli/options/shared-options';
import { foldersIn, reportedIn } from '../workflows/reports-on-file';

interface Arguments {
  runs: string[];
  out?: string | undefined;
  json: boolean;
}

export const compare: Command<Arguments> = {
  command: 'compare [runs..]',
  describe: 'put what runs and models found beside what their papers report',
  builder: (argv) =>
    jsonOption(argv)
      .positional('runs', {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: 'folders of runs or models with reports in them (default: those under results/)',
      })
      .option('out', {
        type: 'string',
        describe: 'a folder for compare.html, compare.json, compare.md and compare.csv',
      })
      .example('$0 compare', '')
      .example('$0 compare runs/mine results/lenet5-mnist-compiled --out comparison', ''),
  handler: async ({ runs, out, json }) => {
    expectEachOnce('compare', runs);
    if (out !== undefined) expectFolder(out);
    await useBackend('cpu'); // only counts networks
    const asked = runs.length > 0;
    const onDamaged = (line: string) => {
      note(`cnn-lineage: ${line}`);
      if (asked) process.exitCode = 2;
    };
    const rows = compared(zoo, reportedIn(asked ? runs : foldersIn(), asked, onDamaged));
    if (asked && rows.length === 0) return; // all are damaged, and each has been reported
    if (out !== undefined) {
      await makeFolder(out);
      const results = await Promise.all(rows.map((row) => resultOf(row, note)));
      const page = await comparisonPage({
        networks: networksOfPage(),
        results,
        underway: [],
        made: madeNow(),
      });
      await writeFileAtomically(join(out, 'compare.html'), page);
      await writeFileAtomically(join(out, 'compare.json'), `${JSON.stringify({ rows }, null, 2)}\n`);
      await writeFileAtomically(join(out, 'compare.md'), `${comparedMarkdown(rows)}\n`);
      await writeFileAtomically(join(out, 'compare.csv'), comparedCsv(rows));
    }
    print(json, { rows }, comparedText(rows) + (out === undefined ? '' : `\n\nwritten to ${out}`));
  },
};
