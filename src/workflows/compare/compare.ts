/** Lists the errors of runs and models beside those of their papers, as rows, as files and as a page that is served. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../core/errors';
import { expectOptions, type OptionNames } from '../../core/given/options';
import { makeFolder, writeFileAtomically } from '../../core/io/files';
import { wholeNumber } from '../../core/given/numbers';
import { compared, type ComparedRow } from '../../report/compare';
import { comparedCsv, comparedMarkdown } from '../../report/compare-text';
import { comparisonPage } from '../../report/page/page';
import { servePage, type PageServer } from '../../report/page/server';
import { openContext, workflowOptions, type WorkflowOptions, type Zoo } from '../context';
import { evaluatedFolder } from '../trained/named-weights';
import { expectEachOnce, expectFolder } from '../data/found-path';
import { networksOfPage, resultOf, underwayIn } from './comparison-page-data';
import { reportedIn } from './reports-on-file';

export interface CompareOptions extends WorkflowOptions {
  /** A folder for `compare.html`, `compare.json`, `compare.md` and `compare.csv`. Default: none are written. */
  readonly out?: string | undefined;
  /** Whether a folder without a report counts as damaged, or is passed over. Default: it counts. */
  readonly everyFolder?: boolean | undefined;
}

const names: OptionNames<CompareOptions> = {
  out: 'optional',
  everyFolder: 'optional',
  ...workflowOptions,
};

/** What runs and models found, beside what their papers report. */
export interface Comparison {
  /** A row for each report, beside what its paper says. */
  readonly rows: readonly ComparedRow[];
  /** One line for each report or folder that could not be read. */
  readonly damaged: readonly string[];
}

/**
 * Puts what runs and models found beside what their papers report.
 * @param given folders of runs, models or experiments, or names of the weights that come with the package
 * @throws UserError for a folder that is named twice; reports that cannot be read are listed in the result
 */
export async function compare(
  zoo: Zoo,
  given: readonly string[],
  options: CompareOptions = {},
): Promise<Comparison> {
  expectOptions('compare', options, names);
  const { out, everyFolder = true } = options;
  expectEachOnce('compare', given);
  if (out !== undefined) expectFolder(out);
  const call = ['compare', given, options] as const;
  const context = await openContext(zoo, call, options, { computes: false });
  const folders = given.map((folder) => evaluatedFolder(folder, context));
  expectEachOnce('compare', folders);
  const damaged: string[] = [];
  const reported = reportedIn(zoo, folders, everyFolder, (line) => void damaged.push(line));
  const rows = compared(zoo, reported);
  if (out === undefined || rows.length === 0) return { rows, damaged };
  await makeFolder(out);
  const results = await Promise.all(rows.map((row) => resultOf(row, context.remark)));
  const made = { ...context.provenance, at: new Date() };
  const page = await comparisonPage({ networks: networksOfPage(zoo), results, underway: [], made });
  await writeFileAtomically(join(out, 'compare.html'), page);
  await writeFileAtomically(join(out, 'compare.json'), `${JSON.stringify({ rows }, null, 2)}\n`);
  await writeFileAtomically(join(out, 'compare.md'), `${comparedMarkdown(rows)}\n`);
  await writeFileAtomically(join(out, 'compare.csv'), comparedCsv(rows));
  return { rows, damaged };
}

export interface ServeComparisonOptions extends WorkflowOptions {
  /** The port of this machine; 0 takes any that is free. */
  readonly port: number;
  /** The folders of runs and models; asked again before each look, so that new runs appear. */
  readonly folders: () => readonly string[];
}

const servingNames: OptionNames<ServeComparisonOptions> = {
  port: 'required',
  folders: 'required',
  ...workflowOptions,
};

/**
 * Serves the comparison as a page on this machine, with live curves of runs that are being trained.
 * @throws UserError if the port is not free
 */
export async function serveComparison(zoo: Zoo, options: ServeComparisonOptions): Promise<PageServer> {
  expectOptions('serveComparison', options, servingNames);
  const { port, folders } = options;
  wholeNumber('port', port, 0, 65_535);
  expectEachOnce('report:serve', folders());
  const call = ['serveComparison', { port }] as const;
  const { remark, provenance } = await openContext(zoo, call, options, { computes: false });
  const networks = networksOfPage(zoo);
  const gone = new Set<string>();
  const page = async () => {
    remarkGone(folders(), gone, remark);
    const rows = compared(zoo, reportedIn(zoo, folders(), false, remark));
    const results = await Promise.all(rows.map((row) => resultOf(row, remark)));
    const underway = await underwayIn(folders(), remark);
    return comparisonPage({ networks, results, underway, made: { ...provenance, at: new Date() } }, true);
  };
  return servePage({
    port,
    page,
    stamp: () => stampOf(folders()),
    onError: (error) => remark(`the page stays as it was: ${messageOf(error)}`),
  });
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

/** Remarks once for each folder that it is gone, and once that it is back. */
function remarkGone(folders: readonly string[], gone: Set<string>, remark: (line: string) => void): void {
  for (const folder of folders) {
    if (existsSync(folder)) {
      if (gone.delete(folder)) remark(`${folder}: the folder is back; the page shows it again`);
    } else if (!gone.has(folder)) {
      gone.add(folder);
      remark(`${folder}: the folder of this run or model is gone; the page continues without it`);
    }
  }
}

/** The names in a folder; none while it does not exist, because it may come back. */
function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
