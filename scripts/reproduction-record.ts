import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { zoo, type NetworkName } from '../models/registry';
import { UserError } from '../src/errors';
import type { Recipe } from '../src/network';
import { recipeOf } from '../src/report/experiment';
import { machine } from '../src/runtime/machine';
import { partNames, writeImagesFile } from '../src/train/images-file';
import { openRun, runFiles, type RunRecord } from '../src/train/run-record';
import { stretched } from '../src/train/schedule';
import { commandLine, commit, note } from './cli';
import type { Reproduction, RunOfSeed } from './reproduction';
import { createWholeRun } from './whole-run';

/**
 * The record of a run, which is begun if it has not been.
 * @throws UserError when it was begun with another recipe, data set or network
 */
export async function recordOf(reproduction: Reproduction, run: RunOfSeed): Promise<RunRecord> {
  if (existsSync(join(run.folder, runFiles.record))) {
    const record = await recordOnFile(reproduction, run);
    note(`going on with ${run.folder}`);
    return record;
  }
  const record = newRecord(reproduction, run);
  const { kept } = reproduction.begun;
  await createWholeRun(run.folder, record, async (at) => {
    if (kept) await writeImagesFile(at, kept);
  });
  return record;
}

/** @throws UserError when there is no record, or the run was begun with another recipe, data set or network */
export async function recordOnFile(reproduction: Reproduction, run: RunOfSeed): Promise<RunRecord> {
  const record = await openRun(run.folder);
  const { parts } = reproduction.begun.facts;
  const other = partNames.find((part) => record.parts && record.parts[part]?.sha256 !== parts![part]?.sha256);
  if (other)
    throw new UserError(
      `${run.folder}: expected the images that it began with as its ${other} set, found others in ${record.data}`,
    );
  if (decided(record) === decided(newRecord(reproduction, run))) return record;
  throw new UserError(
    `${run.folder}: expected a run of this experiment as it is now, found one begun otherwise; move the folder away to begin anew`,
  );
}

/** All that decides what a run comes to. */
function decided({ network, data, recipe, seed, validationImages, trainingImages }: RunRecord): string {
  const { guesses: _reasons, ...fields } = recipe;
  return JSON.stringify([network, resolve(data), fields, seed, validationImages, trainingImages]);
}

function newRecord(
  { experiment, epochs, begun, runtime }: Reproduction,
  { seed, trainingImages, candidate }: RunOfSeed,
): RunRecord {
  const own: Recipe = recipeOf(experiment, zoo[experiment.network as NetworkName].recipe, candidate?.name);
  return {
    network: experiment.network,
    ...begun.facts,
    recipe: epochs === undefined ? own : stretched(own, epochs),
    seed,
    validationImages: candidate?.validationImages ?? 0,
    ...(trainingImages !== undefined && { trainingImages }),
    checkpointEvery: 5000,
    step: 'auto',
    precision: 'float32',
    command: commandLine(),
    commit: commit(),
    started: new Date().toISOString(),
    machine: { ...machine(runtime) },
  };
}
