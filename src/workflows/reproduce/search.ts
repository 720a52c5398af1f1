/** Tries the candidates of an experiment’s search on images held out of the training set. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { counted } from '../../core/text/counted';
import { UserError } from '../../core/errors';
import { percent } from '../../evaluate/evaluation-text';
import { announce } from './follow';
import { origin } from './seed-figures';
import { Diverged } from '../../train/step/step';
import { readLog, type EpochSummary } from '../../train/run/log';
import { runFiles, type RunRecord } from '../../train/run/run-record';
import { networkOf } from '../context';
import { writeSealedJson } from '../../core/io/sealed-file';
import { drawnModel } from '../../train/run/run';
import { type Reproduction, type RunOfSeed, recordOf, SeedInterrupted } from './reproduction';
import { trainToTheEnd } from '../train/finish-run';
import { makeFolder } from '../../core/io/files';

/** The result of a search, as stored in `search.json`; errors are fractions, measured on the images held out. */
export interface SearchFound {
  readonly hypothesis: string;
  readonly validationImages: number;
  readonly seeds: readonly number[];
  readonly candidates: readonly {
    readonly name: string;
    readonly changes: object;
    /** The errors after the last epoch, in the order of the seeds; null for each training that diverged. */
    readonly errors: readonly (number | null)[];
    /** Their mean; null if the training diverged with any seed. */
    readonly mean: number | null;
    readonly seconds: number;
  }[];
  /** The candidate with the lowest mean, null if all diverged; and the candidate that the experiment uses. */
  readonly best: string | null;
  readonly chosen: string;
  readonly command: string;
  readonly commit: string | null;
  readonly device: string;
}

/**
 * Trains every candidate of an experiment's search on the training set without the images held out, and writes the
 * errors on these to `search.json`. The test set is not used. Completed runs are kept under `runs`. A run that diverges
 * is recorded as such, and does not end the search.
 */
export async function search(
  reproduction: Reproduction,
  runs: string,
  asked?: readonly number[],
): Promise<SearchFound> {
  const { experiment, name, folder } = reproduction;
  if (!experiment.search)
    throw new UserError(`reproduce: expected an experiment with a search, found ${name}`);
  const { hypothesis, chosen } = experiment.search;
  const fifth = Math.floor(reproduction.data.train.labels.length / 5);
  const validationImages = Math.min(experiment.search.validationImages, fifth);
  const seeds = asked ?? experiment.search.seeds;
  await makeFolder(folder);
  const done: (RunOfSeed & Finished)[] = [];
  for (const candidate of Object.keys(experiment.search.candidates)) {
    for (const seed of seeds) {
      const run: RunOfSeed = {
        seed,
        folder: join(runs, candidate.replaceAll(/\W+/g, '-'), `seed-${seed}`),
        candidate: { name: candidate, validationImages },
      };
      done.push({ ...run, ...(await searched(reproduction, run)) });
      const { error } = done.at(-1)!;
      reproduction.context.remark(
        `${candidate}, seed ${seed}: ${error === null ? '' : 'validation error '}${said(error)}`,
      );
    }
  }
  const candidates = Object.entries(experiment.search.candidates).map(([candidate, changes]) => {
    const own = done.filter((run) => run.candidate!.name === candidate);
    const errors = own.map(({ error }) => error);
    const seconds = own.reduce((sum, run) => sum + run.trainingSeconds, 0);
    return { name: candidate, changes, errors, mean: meanOf(errors), seconds };
  });
  const best = ranked(candidates).find(({ mean }) => mean !== null)?.name ?? null;
  const { command } = reproduction.context.provenance;
  const found = { hypothesis, validationImages, seeds, candidates, best, chosen, command, ...origin(done) };
  await writeSealedJson(join(folder, 'search.json'), found);
  return found;
}

/** Null if any error is null: a mean over the other seeds would hide that the training is unreliable. */
function meanOf(errors: readonly (number | null)[]): number | null {
  const measured = errors.filter((error) => error !== null);
  return measured.length < errors.length
    ? null
    : measured.reduce((sum, error) => sum + error, 0) / errors.length;
}

/** Sorts the best candidates first, and those that diverged last. */
function ranked<Candidate extends { readonly mean: number | null }>(candidates: readonly Candidate[]) {
  const worst = Number.MAX_VALUE;
  return candidates.toSorted((a, b) => (a.mean ?? worst) - (b.mean ?? worst));
}

interface Finished {
  /** The error; null if the training diverged. */
  readonly error: number | null;
  /** The training time up to the end of the last complete epoch. */
  readonly trainingSeconds: number;
  readonly commit: string | null;
  readonly machine: Readonly<Record<string, unknown>>;
}

/** A file in a run's folder that says why the run has no error, so that the same run is not tried again. */
const divergedFile = 'diverged.json';

async function searched(reproduction: Reproduction, run: RunOfSeed): Promise<Finished> {
  const { folder } = run;
  const record = await recordOf(reproduction, run);
  const last = () => lastEpoch(folder);
  const hasDiverged = () => existsSync(join(folder, divergedFile));
  if (!hasDiverged() && last()?.epoch !== record.recipe.epochs - 1)
    await trainCandidate(reproduction, folder, record);
  return {
    error: hasDiverged() ? null : last()!.validationError!,
    trainingSeconds: last()?.seconds ?? 0,
    commit: record.commit,
    machine: record.machine,
  };
}

function lastEpoch(folder: string): EpochSummary | undefined {
  if (!existsSync(join(folder, runFiles.log))) return undefined;
  return readLog(folder).findLast((line): line is EpochSummary => 'meanLoss' in line);
}

/** Trains to the end, or until the loss is no longer finite. In the latter case it leaves a mark in the folder. */
async function trainCandidate(
  { data, context }: Reproduction,
  folder: string,
  record: RunRecord,
): Promise<void> {
  const model = drawnModel(networkOf(context.zoo, record.network, folder), record);
  try {
    await announce(context, { record, tested: false });
    const { progress, finished } = await trainToTheEnd({ folder, record, data }, { model }, context);
    if (!finished) throw new SeedInterrupted(folder, progress.done);
  } catch (error) {
    if (!(error instanceof Diverged)) throw error;
    context.remark(error.message);
    await writeSealedJson(join(folder, divergedFile), { diverged: error.message });
  } finally {
    model.dispose();
  }
}

/** The candidates as text for a terminal, the best one first. */
export function searchText({ candidates, best, chosen, validationImages }: SearchFound): string {
  const rows = ranked(candidates).map(({ name, mean, errors, seconds }) => {
    const each = errors.map(said).join(', ');
    return `${said(mean).padStart(8)}  ${name}  (${each}; ${Math.round(seconds)} s)`;
  });
  return [
    `mean error on ${counted(validationImages, 'image')} held out of the training set:`,
    ...rows,
    verdict(best, chosen),
  ].join('\n');
}

function verdict(best: SearchFound['best'], chosen: string): string {
  if (best === null) return `the experiment takes ${chosen}; every candidate diverged`;
  if (best === chosen) return `the experiment takes the best, ${best}`;
  return `the experiment takes ${chosen}, not ${best}`;
}

function said(error: number | null): string {
  return error === null ? 'diverged' : percent(error);
}
