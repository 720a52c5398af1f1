import { join } from 'node:path';
import { zoo, type NetworkName } from '../models/registry';
import { builtIn } from '../src/data/batches';
import { dataRoot } from '../src/data/data-root';
import type { Splits } from '../src/data/dataset';
import { openData } from '../src/data/open';
import { UserError } from '../src/errors';
import type { Recipe } from '../src/network';
import type { Runtime } from '../src/runtime/backend';
import { machine } from '../src/runtime/machine';
import { overridden } from '../src/train/overrides';
import { createRun, openRun, type RunRecord } from '../src/train/run-record';
import { checkPrecision, type Precision, type StepKind } from '../src/train/step-for';
import { stretched } from '../src/train/schedule';
import { commit, note } from './cli';
import { trainedStart } from './trained-start';

/** Drawn and split data are the same for every run: its seed is not the run's. */
const dataSeed = 1;

export interface Run {
  readonly folder: string;
  readonly record: RunRecord;
  readonly data: Splits;
}

export interface RunChoices {
  readonly network?: NetworkName | undefined;
  readonly data?: string | undefined;
  readonly out?: string | undefined;
  /** The folder of the run whose trained weights to start from. */
  readonly startFrom?: string | undefined;
  readonly seed: number;
  readonly epochs?: number | undefined;
  readonly batch?: number | undefined;
  readonly set?: readonly string[] | undefined;
  readonly validation: number;
  readonly checkpointEvery: number;
  readonly step?: StepKind | undefined;
  readonly precision?: Precision | undefined;
}

/** Settles everything that a run needs, and writes it to the run's folder before any training. */
export async function newRun(choices: RunChoices, runtime: Runtime): Promise<Run> {
  const name = choices.network;
  if (name === undefined)
    throw new UserError('train: expected the name of a network or --resume RUN, found neither');
  const recipe = recipeFor(zoo[name].recipe, choices);
  recipe.augment.forEach(builtIn);
  const dataName = choices.data ?? recipe.dataset;
  const { step = 'auto', precision = 'float32' } = choices;
  checkPrecision(step, precision, runtime.backend);
  const data = await openRunData(dataName);
  const folder = choices.out ?? join('runs', `${name}-${nameOf(dataName)}-${stamp(new Date())}`);
  const classes = data.train.classes.length;
  const start = await trainedStart(choices.startFrom, name, recipe, { folder, classes });
  const record: RunRecord = {
    network: name,
    data: dataName,
    classes,
    recipe,
    seed: wholeNumber('--seed', choices.seed, 0),
    validationImages: wholeNumber('--validation', choices.validation, 0),
    checkpointEvery: wholeNumber('--checkpoint-every', choices.checkpointEvery, 1),
    ...(start && { start }),
    step,
    precision,
    command: ['cnn-lineage', ...process.argv.slice(2)].join(' '),
    commit: commit(),
    started: new Date().toISOString(),
    machine: { ...machine(runtime) },
  };
  await createRun(folder, record);
  return { folder, record, data };
}

/** A run that was interrupted, as its folder describes it. */
export async function resumedRun(folder: string, runtime: Runtime): Promise<Run> {
  const record = await openRun(folder);
  const before = record.machine['backend'];
  if (before !== runtime.backend)
    note(
      `the run began on ${String(before)} and goes on on ${runtime.backend}: its figures will differ slightly`,
    );
  return { folder, record, data: await openRunData(record.data) };
}

export function openRunData(name: string): Promise<Splits> {
  return openData(name, { root: dataRoot(process.env), seed: dataSeed, onProgress: note });
}

/** @throws UserError unless `value` is a whole number of at least `least` */
export function wholeNumber(option: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw new UserError(`${option}: expected a whole number of at least ${least}, found ${value}`);
}

function recipeFor(recipe: Recipe, { set, batch, epochs }: RunChoices): Recipe {
  const assignments = [...(batch === undefined ? [] : [`batchSize=${batch}`]), ...(set ?? [])];
  const changed = overridden(recipe, assignments);
  if (epochs === undefined || epochs === changed.epochs) return changed;
  const longer = overridden(stretched(changed, epochs), []);
  note(`${epochs} epochs instead of ${changed.epochs}: the schedule is stretched with them`);
  return longer;
}

/** A data set's name or path as part of a file name. */
export function nameOf(data: string): string {
  return data.replaceAll(/\W+/g, '-').replaceAll(/^-|-$/g, '');
}

/** `20261123-171502`, in local time. */
function stamp(now: Date): string {
  return now
    .toLocaleString('sv')
    .replaceAll(/\D/g, '')
    .replace(/^(\d{8})/, '$1-');
}
