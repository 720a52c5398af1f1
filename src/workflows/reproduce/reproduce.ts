/** Repeats a published experiment with several seeds, or searches the settings that its paper leaves open. */
import { join, relative, resolve } from 'node:path';
import { UserError } from '../../core/errors';
import { expectOptions, type OptionNames } from '../../core/given/options';
import { wholeNumber } from '../../core/given/numbers';
import { expectSame, ofFirst } from '../../core/io/process/together';
import { option } from '../../core/text/wording';
import type { Splits } from '../../data/dataset';
import { openData } from '../../data/open';
import { checkTraining } from '../../train/check-recipe';
import {
  dataOptions,
  networkOf,
  openContext,
  ranksOption,
  workflowOptions,
  type RanksOption,
  type WorkflowOptions,
  type Zoo,
} from '../context';
import { beginData } from '../data/run-data';
import type { Interrupted } from '../train/finish-run';
import { holdExperiment, nameOf } from '../train/run-folder';
import { recipeOf, type Experiment } from './experiment';
import { announce, follow } from './follow';
import { drawFigures } from './figures';
import { SeedInterrupted, type Reproduction } from './reproduction';
import { search, type SearchFound } from './search';
import { summarise, type Summary } from './summary';

export interface ReproduceOptions extends RanksOption, WorkflowOptions {
  /** Try what the paper leaves open, on images held out of the training set. Default: false. */
  readonly search?: boolean | undefined;
  /** These seeds only, as a trial. */
  readonly seeds?: readonly number[] | undefined;
  /** So many epochs only, as a trial. */
  readonly epochs?: number | undefined;
  /** Other data, as a trial. */
  readonly data?: string | undefined;
  /** Where a trial goes. Default: a folder under `runs/`. */
  readonly out?: string | undefined;
  /** The folder of published results, which whole experiments are written to. Default: `results`. */
  readonly results?: string | undefined;
}

const names: OptionNames<ReproduceOptions> = {
  search: 'optional',
  seeds: 'optional',
  epochs: 'optional',
  data: 'optional',
  out: 'optional',
  results: 'optional',
  ...ranksOption,
  ...workflowOptions,
};

/** What came of a reproduction. */
export type Reproduced =
  | {
      readonly finished: true;
      readonly kind: 'summary';
      readonly summary: Summary;
      readonly files: readonly string[];
    }
  | { readonly finished: true; readonly kind: 'search'; readonly found: SearchFound }
  | (Interrupted & { readonly kind: 'interrupted' });

/**
 * Repeats an experiment with each of its seeds and draws its figures, or searches its settings. What is done already is
 * kept: the same call goes on with an experiment that was interrupted or killed.
 * @param name the experiment's name, which is that of its folder
 * @throws UserError for options or data that do not fit, or if the folder holds runs of other settings
 */
export async function reproduce(
  zoo: Zoo,
  name: string,
  experiment: Experiment,
  options: ReproduceOptions = {},
): Promise<Reproduced> {
  expectOptions('reproduce', options, names);
  const folder = folderOf(name, options);
  const seeds = options.seeds?.map((seed) => wholeNumber('seeds', seed, 0)) ?? experiment.seeds;
  if (new Set(seeds).size < seeds.length)
    throw new UserError(`${option('seeds')}: expected each once, found ${seeds.join(' ')}`);
  const epochs = options.epochs === undefined ? undefined : wholeNumber('epochs', options.epochs, 1);
  const context = await openContext(zoo, ['reproduce', name, options], options);
  const dataName = options.data ?? experiment.data;
  const begun = await beginData(
    { data: dataName },
    await openData(dataName, dataOptions(context)),
    undefined,
    context,
  );
  expectTrainable(zoo, experiment, begun.data, options.search === true);
  const reproduction = { name, experiment, folder, seeds, epochs, begun, data: begun.data, context };
  context.remark(`${experiment.title}, ${experiment.paper.citation}: ${experiment.duration}; in ${folder}`);
  const { ranks } = context;
  await expectSame(ranks, { [`images of ${dataName}`]: begun.facts.parts });
  if (ranks.rank !== 0) {
    await follow(reproduction);
    return ofFirst<Reproduced>(ranks, undefined as never);
  }
  const outcome = await reproduced(reproduction, options);
  await announce(context, null);
  return ofFirst(ranks, outcome);
}

async function reproduced(reproduction: Reproduction, options: ReproduceOptions): Promise<Reproduced> {
  try {
    return options.search === true
      ? { finished: true, kind: 'search', found: await searched(reproduction, options) }
      : { finished: true, kind: 'summary', ...(await summarised(reproduction)) };
  } catch (error) {
    if (!(error instanceof SeedInterrupted)) throw error;
    return { finished: false, kind: 'interrupted', folder: error.folder, updates: error.updates };
  }
}

async function searched(reproduction: Reproduction, options: ReproduceOptions): Promise<SearchFound> {
  const { name, folder, seeds } = reproduction;
  const runs = isInResults(folder, options) ? join('runs', `search-${name}`) : folder;
  const release = await holdExperiment(runs);
  try {
    return await search(reproduction, runs, options.seeds && seeds);
  } finally {
    await release();
  }
}

async function summarised(reproduction: Reproduction) {
  const release = await holdExperiment(reproduction.folder);
  try {
    const summary = await summarise(reproduction);
    return { summary, files: await drawFigures(reproduction) };
  } finally {
    await release();
  }
}

/** @throws UserError for data that the experiment's network cannot take, before anything is written */
function expectTrainable(zoo: Zoo, experiment: Experiment, { train: data }: Splits, searched: boolean): void {
  const { network: name, search: tried, title } = experiment;
  const network = networkOf(zoo, name, title);
  for (const candidate of searched && tried ? Object.keys(tried.candidates) : [undefined]) {
    const recipe = recipeOf(experiment, network.recipe, candidate);
    checkTraining(name, network, recipe, { data, set: new Set(), startsFrom: null });
  }
}

/**
 * `results/NAME` for the experiment as published; a trial goes elsewhere.
 * @throws UserError when a trial would be written into the results
 */
function folderOf(name: string, options: ReproduceOptions): string {
  const { seeds, epochs, data, out } = options;
  const trial = [
    ...(seeds ? [`seeds-${seeds.join('-')}`] : []),
    ...(epochs === undefined ? [] : [`epochs-${epochs}`]),
    ...(data === undefined ? [] : [nameOf(data)]),
  ];
  if (out === undefined)
    return trial.length
      ? join('runs', ['reproduce', name, ...trial].join('-'))
      : join(options.results ?? 'results', name);
  if (!isInResults(out, options)) return out;
  throw new UserError(
    `${option('out')}: expected a folder outside results/, which is for whole experiments, found ${out}`,
  );
}

/** Whether the folder is the results' or lies inside it. */
function isInResults(folder: string, { results = 'results' }: ReproduceOptions): boolean {
  return !relative(resolve(results), resolve(folder)).startsWith('..');
}
