/** The command `report:serve`: serves the comparison as a page, with live curves of running trainings. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../models/registry';
import { comparisonPage } from '../../src/report/page/page';
import { servePage } from '../../src/report/page/server';
import { UserError, messageOf } from '../../src/core/errors';
import { compared } from '../../src/report/compare';
import { useBackend } from '../../src/runtime/backend';
import { note, type Command } from '../cli/output';
import { madeNow, networksOfPage, resultOf, underwayIn } from '../workflows/comparison-page-data';
import { foldersIn, reportedIn } from '../workflows/reports-on-file';
import { expectEachOnce } from '../cli/options/shared-options';
import { wholeNumber } from '../cli/numbers';

interface Arguments {
  runs: string[];
  port: number;
}

export const reportServe: Command<Arguments> = {
  command: 'report:serve [runs..]',
  describe: 'serve the comparison on this machine, with live curves of runs that are being trained',
  builder: (argv) =>
    argv
      .positional('runs', {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: 'folders of runs or models (default: those under results/ and runs/)',
      })
      .option('port', {
        type: 'number',
        default: 8080,
        describe: 'of this machine; 0 takes any that is free',
      }),
  handler: async ({ runs, port }) => {
    portOf(port);
    expectEachOnce('report:serve', runs);
    const missing = runs.find((run) => !existsSync(run));
    if (missing !== undefined)
      throw new UserError(`${missing}: expected the folder of a run or a model, found none`);
    await useBackend('cpu'); // only counts networks
    const folders = () => (runs.length > 0 ? runs : [...foldersIn(), ...foldersIn('runs')]);
    const networks = networksOfPage();
    const made = madeNow();
    const script = readFileSync(join(__dirname, '../../src/report/page/refresh.js'), 'utf8');
    const onError = (error: unknown) => note(`the page stays as it was: ${messageOf(error)}`);
    const gone = new Set<string>();
    const page = async () => {
      tellOfGone(runs, gone);
      const rows = compared(zoo, reportedIn(folders(), false, note));
      const results = await Promise.all(rows.map((row) => resultOf(row, note)));
      const underway = await underwayIn(folders(), note);
      return comparisonPage({ networks, results, underway, made: { ...made, at: new Date() } }, script);
    };
    const { address } = await servePage({
      port: portOf(port),
      page,
      stamp: () => stampOf(folders()),
      onError,
    });
    note(`serving on ${address}; Ctrl-C ends it`);
  },
};

function portOf(given: number): number {
  if (wholeNumber('--port', given, 0) <= 65_535) return given;
  throw new UserError(`--port: expected a whole number from 0 to 65535, found ${given}`);
}

/** The sizes and modification times of all files that the page is built from. */
function stampOf(folders: readonly string[]): string {
  return folders
    .flatMap((folder) =>
      namesIn(folder)
        .filter((name) => /^(?:log\.jsonl|run\.json|summary\.json|report.*\.json)$/.test(name))
        .map((name) => join(folder, name)),
    )
    .map((file) => {
      const found = statSync(file, { throwIfNoEntry: false });
      return found ? `${file} ${found.size} ${found.mtimeMs}` : file;
    })
    .join('\n');
}

/** Reports once for each folder that it is gone, and once that it is back. */
function tellOfGone(runs: readonly string[], gone: Set<string>): void {
  for (const run of runs) {
    if (existsSync(run)) {
      if (gone.delete(run)) note(`${run}: the folder is back; the page shows it again`);
    } else if (!gone.has(run)) {
      gone.add(run);
      note(`${run}: the folder of this run or model is gone; the page continues without it`);
    }
  }
}

/** The names in a folder; none while it does not exist, because it may come back. */
function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
