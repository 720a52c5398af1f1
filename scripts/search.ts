import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../src/errors';
import { percent } from '../src/report/evaluation-text';
import { origin } from '../src/report/summary';
import { readLog, type EpochSummary } from '../src/train/log';
import { runFiles } from '../src/train/run-record';
import { note } from './cli';
import { recordOf, type Reproduction, type RunOfSeed } from './reproduction';
import { trainToTheEnd, writeJson } from './run-session';

/** What a search found, as `search.json` keeps it; errors are fractions, on the images held out. */
export interface SearchFound {
  readonly hypothesis: string;
  readonly validationImages: number;
  readonly seeds: readonly number[];
  readonly candidates: readonly {
    readonly name: string;
    readonly changes: object;
    /** After the last epoch, in the order of the seeds. */
    readonly errors: readonly number[];
    readonly mean: number;
    readonly seconds: number;
  }[];
  /** The candidate with the least mean, and the one that the experiment takes. */
  readonly best: string;
  readonly chosen: string;
  readonly command: string;
  readonly commit: string | null;
  readonly device: string;
}

/**
 * Trains every candidate of an experiment's search on the part of the training set that is not held out, and writes what
 * the rest says of them to `search.json`. The test set is not touched. Runs that are done are kept, under `runs`.
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
  await mkdir(folder, { recursive: true });
  const done: (RunOfSeed & Finished)[] = [];
  for (const candidate of Object.keys(experiment.search.candidates)) {
    for (const seed of seeds) {
      const run: RunOfSeed = {
        seed,
        folder: join(runs, candidate.replaceAll(/\W+/g, '-'), `seed-${seed}`),
        candidate: { name: candidate, validationImages },
      };
      done.push({ ...run, ...(await searched(reproduction, run)) });
      note(`${candidate}, seed ${seed}: validation error ${percent(done.at(-1)!.error)}`);
    }
  }
  const candidates = Object.entries(experiment.search.candidates).map(([candidate, changes]) => {
    const own = done.filter((run) => run.candidate!.name === candidate);
    const errors = own.map(({ error }) => error);
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const seconds = own.reduce((sum, run) => sum + run.trainingSeconds, 0);
    return { name: candidate, changes, errors, mean, seconds };
  });
  const best = candidates.reduce((least, other) => (other.mean < least.mean ? other : least)).name;
  const { command } = reproduction;
  const found = { hypothesis, validationImages, seeds, candidates, best, chosen, command, ...origin(done) };
  await writeJson(join(folder, 'search.json'), found);
  return found;
}

interface Finished {
  readonly error: number;
  readonly trainingSeconds: number;
  readonly commit: string | null;
  readonly machine: Readonly<Record<string, unknown>>;
}

async function searched(reproduction: Reproduction, run: RunOfSeed): Promise<Finished> {
  const record = await recordOf(reproduction, run);
  const last = () =>
    readLog(run.folder).findLast(
      (line): line is EpochSummary => 'meanLoss' in line && line.epoch === record.recipe.epochs - 1,
    );
  if (!existsSync(join(run.folder, runFiles.log)) || !last()) {
    const { data, name } = reproduction;
    const goOn = `npm run reproduce -- ${name} --search`;
    const { model } = await trainToTheEnd({ folder: run.folder, record, data }, { goOn });
    model.dispose();
  }
  const { validationError, seconds } = last()!;
  return {
    error: validationError!,
    trainingSeconds: seconds,
    commit: record.commit,
    machine: record.machine,
  };
}

/** The candidates, the best first, for a terminal. */
export function searchText({ candidates, best, chosen, validationImages }: SearchFound): string {
  const rows = candidates
    .toSorted((a, b) => a.mean - b.mean)
    .map(({ name, mean, errors, seconds }) => {
      const each = errors.map((error) => percent(error)).join(', ');
      return `${percent(mean).padStart(8)}  ${name}  (${each}; ${Math.round(seconds)} s)`;
    });
  return [
    `mean error on ${validationImages} images held out of the training set:`,
    ...rows,
    best === chosen
      ? `the experiment takes the best, ${best}`
      : `the experiment takes ${chosen}, not ${best}`,
  ].join('\n');
}
