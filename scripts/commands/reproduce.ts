/** The command `reproduce`: repeats a published experiment with several seeds, or searches its settings. */
import { join, relative, resolve } from 'node:path';
import { experiments, experimentNames, type ExperimentName } from '../../experiments/registry';
import { zoo, type NetworkName } from '../../models/registry';
import type { Splits } from '../../src/data/dataset';
import { openData } from '../../src/data/open';
import { counted } from '../../src/core/text/counted';
import { UserError } from '../../src/core/errors';
import { shellWords } from '../../src/core/text/shell-words';
import { percent } from '../../src/evaluate/evaluation-text';
import { recipeOf, type Experiment } from '../../src/workflows/reproduce/experiment';
import { checkTraining } from '../../src/train/check-recipe';
import type { BackendName } from '../../src/runtime/backend';
import { backendOption, chooseBackend, jsonOption, note, print, type Command } from '../cli/output';
import { drawFigures } from '../workflows/reproduce/figures';
import { resultsFolder } from '../workflows/reports-on-file';
import { summarise, type Summary } from '../workflows/reproduce/summary';
import type { Reproduction } from '../workflows/reproduce/reproduction';
import { beginData, dataOptions } from '../workflows/data/run-data';
import { holdExperiment, nameOf } from '../workflows/train/run-folder';
import { search, searchText } from '../workflows/reproduce/search';
import { wholeNumber } from '../cli/numbers';

interface Arguments {
  experiment: ExperimentName;
  search: boolean;
  seeds?: number[] | undefined;
  epochs?: number | undefined;
  data?: string | undefined;
  out?: string | undefined;
  backend?: BackendName | undefined;
  json: boolean;
}

export const reproduce: Command<Arguments> = {
  command: 'reproduce <experiment>',
  describe: 'repeat a published experiment with several seeds, and write results/EXPERIMENT',
  builder: (argv) =>
    jsonOption(backendOption(argv))
      .positional('experiment', { choices: experimentNames, demandOption: true, describe: 'its name' })
      .option('search', {
        type: 'boolean',
        default: false,
        describe: 'try what the paper leaves open, on images held out of the training set',
      })
      .option('seeds', {
        type: 'number',
        array: true,
        requiresArg: true,
        describe: 'these only, as a trial',
      })
      .option('epochs', { type: 'number', requiresArg: true, describe: 'so many only, as a trial' })
      .option('data', { type: 'string', requiresArg: true, describe: 'other data, as a trial' })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'where a trial goes (default: under runs/)',
      })
      .epilogue(
        'A killed experiment is resumed by the same command. Seeds that are done are kept if their weights are there; ' +
          'those of a record that was published without them, as in a fresh clone, are trained again.',
      ),
  handler: async (given) => {
    const { experiment: name, backend, json } = given;
    const experiment: Experiment = experiments[name];
    const folder = folderOf(given);
    const runtime = await chooseBackend(backend);
    const dataName = given.data ?? experiment.data;
    const seeds = given.seeds?.map((seed) => wholeNumber('--seeds', seed, 0)) ?? experiment.seeds;
    if (new Set(seeds).size < seeds.length)
      throw new UserError(`--seeds: expected each once, found ${seeds.join(' ')}`);
    const epochs = given.epochs === undefined ? undefined : wholeNumber('--epochs', given.epochs, 1);
    const begun = await beginData(dataName, await openData(dataName, dataOptions()), undefined);
    expectTrainable(experiment, begun.data, given.search);
    const words = process.argv.slice(3).filter((word) => word !== '--json');
    const command = shellWords(['npm', 'run', 'reproduce', '--', ...words]);
    const reproduction: Reproduction = {
      name,
      experiment,
      folder,
      seeds,
      epochs,
      begun,
      data: begun.data,
      command,
      runtime,
    };
    note(`${experiment.title}, ${experiment.paper.citation}: ${experiment.duration}; in ${folder}`);
    if (given.search) {
      const runs = isInResults(folder) ? join('runs', `search-${name}`) : folder;
      await holdExperiment(runs);
      const found = await search(reproduction, runs, given.seeds && seeds);
      return print(json, found, searchText(found));
    }
    await holdExperiment(folder);
    const summary = await summarise(reproduction);
    const files = await drawFigures(reproduction);
    print(json, summary, [summaryText(summary), '', ...files.map((file) => `drawn: ${file}`)].join('\n'));
  },
};

/** @throws UserError for data that the experiment's network cannot take, before anything is written */
function expectTrainable(experiment: Experiment, { train: data }: Splits, searched: boolean): void {
  const { network: name, search: tried } = experiment;
  const network = zoo[name as NetworkName];
  for (const candidate of searched && tried ? Object.keys(tried.candidates) : [undefined]) {
    const recipe = recipeOf(experiment, network.recipe, candidate);
    checkTraining(name, network, recipe, { data, set: new Set(), startsFrom: null });
  }
}

/**
 * `results/NAME` for the experiment as published; a trial goes elsewhere.
 * @throws UserError when a trial would be written into the results
 */
function folderOf({ experiment, seeds, epochs, data, out }: Arguments): string {
  const trial = [
    ...(seeds ? [`seeds-${seeds.join('-')}`] : []),
    ...(epochs === undefined ? [] : [`epochs-${epochs}`]),
    ...(data === undefined ? [] : [nameOf(data)]),
  ];
  if (out === undefined)
    return trial.length
      ? join('runs', ['reproduce', experiment, ...trial].join('-'))
      : join(resultsFolder(), experiment);
  if (!isInResults(out)) return out;
  throw new UserError(
    `--out: expected a folder outside results/, which is for whole experiments, found ${out}`,
  );
}

/** Whether the folder is `results/` or lies inside it. */
function isInResults(folder: string): boolean {
  return !relative(resolve(resultsFolder()), resolve(folder)).startsWith('..');
}

function summaryText({
  mean,
  deviation,
  best,
  seeds,
  errors,
  paper,
  expected,
  seconds,
  parts,
}: Summary): string {
  const spread = deviation === null ? '' : ` ± ${percent(deviation)}`;
  const each = seeds.map((seed, index) => `seed ${seed}: ${percent(errors[index]!)}`).join(', ');
  return [
    `error ${percent(mean)}${spread}, best ${percent(best)} (${each})`,
    ...parts.map((part) => `on ${counted(part.trainingImages, 'image')}: ${percent(part.mean)}`),
    `the paper: ${percent(paper)}; expected at most ${percent(expected)}`,
    `${counted(Math.round(seconds / 60), 'minute')} of training in all`,
  ].join('\n');
}
