/** Trains a run to its end, evaluates it on the test set, and writes its report. */
import { join } from 'node:path';
import { zoo, type NetworkName } from '../../../models/registry';
import { openLoader, type Loader } from '../../../src/data/loader/loader';
import { counted } from '../../../src/core/text/counted';
import { fingerprintOf } from '../../../src/data/inspect/fingerprint';
import { partNames } from '../../../src/train/run/images-file';
import type { Network } from '../../../src/core/network';
import type { tf } from '../../../src/core/tf';
import type { Answer } from '../../../src/evaluate/metrics/answers';
import { evaluate, type Evaluation } from '../../../src/evaluate/evaluate';
import { evaluationText } from '../../../src/evaluate/evaluation-text';
import { loadCheckpoint, type Progress } from '../../../src/train/run/checkpoint';
import { loadFitted } from '../../../src/weights/fitted-file';
import { trainRun, type TrainRunOptions } from '../../../src/train/run/run';
import { openRun, runFiles, type RunRecord } from '../../../src/train/run/run-record';
import { writeFileAtomically } from '../../../src/core/io/files';
import { sealedJson } from '../../../src/core/io/sealed-json';
import { pathWord } from '../../../src/core/text/shell-words';
import { note, print } from '../../cli/output';
import { factsOf, type Facts } from '../evaluate/evaluation-report';
import { reopenData } from '../data/reopen-data';
import { seenInTraining } from '../evaluate/seen-in-training';
import { endAfterOutput, interruption } from '../../cli/interruption';
import { noteSkipped } from '../../cli/options/shared-options';
import { progressPrinter } from '../../cli/progress';
import { drawImages } from '../../../src/workflows/run-images';
import type { Run } from './start-run';
import { commandToCopy } from '../../cli/npm/npm-run';

/**
 * Trains a run to its end, evaluates it on the test set, writes `report.json` and prints it.
 * Ctrl-C saves and ends the process with code 130.
 */
export async function runToTheEnd(run: Run, json: boolean): Promise<void> {
  const { folder, record, data, workers } = run;
  const loader = openLoader({ workers, onBadImage: record.onBadImage });
  const { model, progress } = await trainToTheEnd(run, {
    goOn: commandToCopy('train', '--resume', pathWord(folder)),
    loader,
  });
  const facts = await factsOfOwn(run);
  const fitted = await loadFitted(folder, record.recipe);
  const answers: Answer[] = [];
  const onAnswer = (answer: Answer) => void answers.push(answer);
  const tested = { model, recipe: record.recipe, data: data.test, loader, fitted, onAnswer };
  const evaluation = await evaluate(tested);
  await loader.close();
  await drawImages(join(folder, runFiles.report), { model, data: data.test, answers });
  noteSkipped((await openRun(folder)).skippedImages ?? [], join(folder, runFiles.record));
  await writeReport({
    ...{ folder, record, progress, json },
    evaluation: { ...evaluation, ...facts },
    path: join(folder, runFiles.report),
  });
}

/**
 * What the report of a completed training says about its data. All images are checked once more: if some were replaced
 * during the training, the run has learned from, or would be tested on, other images than its record says.
 * @throws UserError if some were replaced
 */
export async function factsOfOwn({ folder, record, data }: Run): Promise<Partial<Facts>> {
  if (!record.parts) return {};
  const test =
    data.test.kind === 'pixels'
      ? { set: data.test, sha256: [] } // read once, and held in memory since
      : (await reopenData(folder, record, { ...record, parts: partNames, additions: false })).test!;
  const shown = { ...test, own: true, fingerprint: await fingerprintOf(test.set, test.sha256) };
  return factsOf(shown, [await seenInTraining({ folder, record }, shown)]);
}

interface Training {
  /** The command that resumes the training, shown after an interruption. */
  readonly goOn: string;
  /** See the option of the same name of `trainRun`. */
  readonly watched?: TrainRunOptions['watched'];
  readonly loader?: Loader;
  /** The model to train. Default: the network that the run names. */
  readonly network?: Network;
}

/**
 * Trains a run to its end and reports its progress. Ctrl-C saves and ends the process with code 130.
 * @returns the model with its selected weights, which are the best on the images held out if there are any, and how far
 *   they were trained
 */
export async function trainToTheEnd(
  run: Run,
  { goOn, watched, loader, network = zoo[run.record.network as NetworkName] }: Training,
): Promise<{ readonly model: tf.LayersModel; readonly progress: Progress }> {
  const { folder, record, data } = run;
  const printer = progressPrinter(record.recipe.epochs);
  const { signal, release } = interruption();
  note(
    `training ${record.network} on ${data.train.name}, ${counted(data.train.labels.length, 'image')}, in ${folder}`,
  );
  const { model, progress, finished } = await trainRun({
    folder,
    record,
    network,
    signal,
    data: data.train,
    ...(data.validation && { validation: data.validation }),
    ...(watched && { watched }),
    ...(loader && { loader }),
    fitted: await loadFitted(folder, record.recipe),
    onFallBack: note,
    onDamaged: note,
    onUpdate: printer.update,
    onEpoch: printer.epoch,
  }).finally(() => {
    release();
    printer.end();
  });
  if (!finished) {
    note(`interrupted and saved after ${counted(progress.done, 'update')}; resume with: ${goOn}`);
    return endAfterOutput(130);
  }
  const reported = progress.best ? await loadCheckpoint(join(folder, runFiles.best), model) : progress;
  return { model, progress: reported };
}

interface RunReport {
  readonly folder: string;
  readonly record: RunRecord;
  /** The progress of the weights that were evaluated. */
  readonly progress: Progress;
  readonly evaluation: Evaluation & Partial<Facts>;
  /** The path of the report. */
  readonly path: string;
  readonly json: boolean;
  /** Whether to print how the error falls as the least certain answers are rejected. */
  readonly rejection?: boolean;
}

/** Writes the results of a run's evaluation to a file in its folder, and prints them. */
export async function writeReport({
  folder,
  record,
  progress,
  evaluation,
  path,
  json,
  rejection = false,
}: RunReport): Promise<void> {
  const report = runReport(folder, record, progress, evaluation);
  const { epochs } = progress;
  await writeJson(path, report);
  noteSkipped(evaluation.skippedImages ?? [], path);
  // The error is printed last, so that it is visible at the end; the answers by class come before it.
  const [errors, ...classes] = evaluationText(evaluation, { rejection }).split('\n\n');
  print(
    json,
    report,
    `${classes.join('\n\n')}\n\n${errors}\nafter ${counted(epochs, 'epoch')}; written to ${path}`,
  );
}

/** What is kept of a run's evaluation in addition to its log. */
export function runReport(
  folder: string,
  { network, command, commit, machine }: RunRecord,
  { epochs, seconds: trainingSeconds }: Progress,
  evaluation: Evaluation & Partial<Facts>,
) {
  return { run: folder, network, epochs, trainingSeconds, ...evaluation, command, commit, machine };
}

/**
 * Replaces a file by a value as JSON, with its digest. A list of numbers is written on one line, since a confusion
 * matrix of 1,000 classes has a million of them.
 */
export async function writeJson(path: string, value: object): Promise<void> {
  const text = JSON.stringify(sealedJson(value), null, 2);
  const rows = text.replaceAll(
    /\[\n\s+(-?\d[^[\]{}"]*?)\n\s+\]/g,
    (_, list: string) => `[${list.replaceAll(/\s+/g, ' ')}]`,
  );
  await writeFileAtomically(path, Buffer.from(`${rows}\n`));
}
