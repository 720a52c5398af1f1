import { join } from 'node:path';
import { zoo, type NetworkName } from '../models/registry';
import { evaluate, type Evaluation } from '../src/report/evaluate';
import { evaluationText } from '../src/report/evaluation-text';
import { loadCheckpoint, type Progress } from '../src/train/checkpoint';
import { trainRun } from '../src/train/run';
import { runFiles, type RunRecord } from '../src/train/run-record';
import { writeFileAtomically } from '../src/weights/atomic-file';
import { note, print } from './cli';
import { progressPrinter } from './progress';
import type { Run } from './run-start';

/**
 * Trains a run to its end, evaluates it on the test set, writes `report.json` and prints it.
 * Ctrl-C saves and ends the process with code 130.
 */
export async function runToTheEnd(run: Run, json: boolean): Promise<void> {
  const { folder, record, data } = run;
  const network = zoo[record.network as NetworkName];
  const printer = progressPrinter(record.recipe.epochs);
  const { signal, release } = interruption();
  note(`training ${record.network} on ${data.train.name}, ${data.train.labels.length} images, in ${folder}`);
  const { model, progress, finished } = await trainRun({
    folder,
    record,
    network,
    signal,
    data: data.train,
    onFallBack: note,
    onUpdate: printer.update,
    onEpoch: printer.epoch,
  });
  release();
  if (!finished) {
    note(
      `\ninterrupted and saved after ${progress.done} updates; go on with: cnn-lineage train --resume ${folder}`,
    );
    process.exit(130);
  }
  const reported = progress.best ? await loadCheckpoint(join(folder, runFiles.best), model) : progress;
  const evaluation = await evaluate({ model, recipe: record.recipe, data: data.test });
  await writeReport({ folder, record, progress: reported, evaluation, file: runFiles.report, json });
}

export interface RunReport {
  readonly folder: string;
  readonly record: RunRecord;
  /** Of the weights that were evaluated. */
  readonly progress: Progress;
  readonly evaluation: Evaluation;
  /** Name of the file to write in the run's folder. */
  readonly file: string;
  readonly json: boolean;
}

/** Writes what an evaluation of a run found to a file in its folder, and prints it. */
export async function writeReport({
  folder,
  record,
  progress,
  evaluation,
  file,
  json,
}: RunReport): Promise<void> {
  const { network, command, machine } = record;
  const { epochs, seconds: trainingSeconds } = progress;
  const report = {
    run: folder,
    network,
    epochs,
    trainingSeconds,
    ...evaluation,
    command,
    commit: record.commit,
    machine,
  };
  const path = join(folder, file);
  await writeFileAtomically(path, Buffer.from(`${JSON.stringify(report, null, 2)}\n`));
  print(
    json,
    report,
    `${evaluationText(evaluation)}\n\nafter ${epochs} epoch${epochs === 1 ? '' : 's'}; written to ${path}`,
  );
}

/** Ctrl-C as a signal to finish the update and save; a second one ends the process at once. */
function interruption(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const onInterrupt = () => controller.abort();
  process.once('SIGINT', onInterrupt).once('SIGTERM', onInterrupt);
  return {
    signal: controller.signal,
    release: () => process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt),
  };
}
