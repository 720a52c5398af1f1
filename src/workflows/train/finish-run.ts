/** Trains a run to its end, evaluates it on the test set, and writes its report. */
import { join } from 'node:path';
import { byFirst, ofFirst } from '../../core/io/process/together';
import { writeSealedJson } from '../../core/io/sealed-file';
import { counted } from '../../core/text/counted';
import type { tf } from '../../core/tf';
import { fingerprintOf } from '../../data/inspect/fingerprint';
import { openLoader, type Loader } from '../../data/loader/loader';
import type { Answer } from '../../evaluate/metrics/answers';
import { evaluatedRows } from '../../evaluate/answers-table';
import { evaluate, type Evaluation } from '../../evaluate/evaluate';
import type { Progress } from '../../train/run/checkpoint';
import { partNames } from '../../train/run/images-file';
import { drawnModel, trainInFolder, type TrainInFolderOptions } from '../../train/run/run';
import { openRun, runFiles, type RunRecord } from '../../train/run/run-record';
import { loadCheckpointOfFirst } from '../../train/run/state-of-ranks';
import { loadFitted } from '../../weights/fitted-file';
import { networkOf, type Context } from '../context';
import { remarkSkipped } from '../data/packed-splits';
import { reopenData } from '../data/reopen-data';
import { writeAnswers, type AnswersOption } from '../evaluate/answers-output';
import { factsOf, type Facts } from '../evaluate/evaluation-report';
import { drawImages } from '../evaluate/run-images';
import { seenInTraining } from '../evaluate/seen-in-training';
import type { Run } from './start-run';

/** What becomes of a run: its report, or how far it came before it was interrupted. */
export type RunOutcome<Report = RunReport> =
  | {
      readonly finished: true;
      readonly folder: string;
      readonly report: Report;
      /** The sheet of the worst mistakes; null if there are none. */
      readonly mistakes: string | null;
    }
  | Interrupted;

/** A run that was interrupted, and can be resumed. */
export interface Interrupted {
  readonly finished: false;
  readonly folder: string;
  /** The updates that are saved; null if a head was being solved, of which nothing is saved. */
  readonly updates: number | null;
}

/**
 * Trains a run to its end, evaluates it on the test set and writes `report.json`, and the answers if they are asked for;
 * unlocks its folder.
 */
export async function finishRun(
  run: Run,
  context: Context,
  { answers: table }: AnswersOption = {},
): Promise<RunOutcome> {
  const { folder, record, data, workers, release } = run;
  const loader = openLoader({ workers, onBadImage: record.onBadImage });
  const model = drawnModel(networkOf(context.zoo, record.network, folder), record);
  try {
    const { progress, finished } = await trainToTheEnd(run, { model, loader }, context);
    if (!finished) return await ofFirst(context.ranks, { finished, folder, updates: progress.done });
    const fitted = await loadFitted(folder, record.recipe);
    const answers: Answer[] = [];
    const onAnswer = (answer: Answer) => void answers.push(answer);
    const { recipe } = record;
    const { ranks: communicator } = context;
    const tested = { model, recipe, data: data.test, loader, fitted, onAnswer, communicator };
    const evaluation = await evaluate(tested);
    return await byFirst(communicator, async () => {
      const facts = await factsOfOwn(run, context);
      const path = join(folder, runFiles.report);
      const mistakes = await drawImages(path, { model, data: data.test, answers });
      await writeAnswers(table, () => evaluatedRows(answers, data.test, recipe.loss));
      remarkSkipped((await openRun(folder)).skippedImages ?? [], join(folder, runFiles.record), context);
      const report = runReport(folder, record, progress, { ...evaluation, ...facts });
      await writeSealedJson(path, report);
      remarkSkipped(evaluation.skippedImages ?? [], path, context);
      return { finished, folder, report, mistakes };
    });
  } finally {
    await loader.close();
    model.dispose();
    await release();
  }
}

/**
 * What the report of a completed training says about its data. All images are checked once more: if some were replaced
 * during the training, the run has learned from, or would be tested on, other images than its record says.
 * @throws UserError if some were replaced
 */
export async function factsOfOwn(
  { folder, record, data }: Pick<Run, 'folder' | 'record' | 'data'>,
  context: Context,
): Promise<Partial<Facts>> {
  if (!record.parts) return {};
  const again = { ...record, parts: partNames, additions: false };
  const test =
    data.test.kind === 'pixels'
      ? { set: data.test, sha256: [] } // read once, and held in memory since
      : (await reopenData(folder, record, again, context)).test!;
  const shown = { ...test, own: true, fingerprint: await fingerprintOf(test.set, test.sha256) };
  return factsOf(shown, [await seenInTraining({ folder, record }, shown, context)], context);
}

interface Training {
  /** The model to train, in place. */
  readonly model: tf.LayersModel;
  /** See the option of the same name of `trainInFolder`. */
  readonly watched?: TrainInFolderOptions['watched'];
  readonly loader?: Loader;
}

/**
 * Trains a run to its end, or until the workflow's signal is aborted, and then saves.
 * @returns how far the weights that the model has now were trained: the best ones on the images held out if there are
 *   any; and whether the training came to its end
 */
export async function trainToTheEnd(
  { folder, record, data }: Pick<Run, 'folder' | 'record' | 'data'>,
  { model, watched, loader }: Training,
  { remark, signal, tell, ranks }: Context,
): Promise<{ readonly progress: Progress; readonly finished: boolean }> {
  const { epochs } = record.recipe;
  tell({ kind: 'begun', folder });
  remark(
    `training ${record.network} on ${data.train.name}, ${counted(data.train.labels.length, 'image')}, in ${folder}`,
  );
  const { progress, finished } = await trainInFolder({
    folder,
    record,
    model,
    ...(signal && { signal }),
    communicator: ranks,
    data: data.train,
    ...(data.validation && { validation: data.validation }),
    ...(watched && { watched }),
    ...(loader && { loader }),
    fitted: await loadFitted(folder, record.recipe),
    onFallBack: remark,
    onDamaged: remark,
    onUpdate: (update) => tell({ kind: 'update', update, epochs }),
    onEpoch: (summary) => tell({ kind: 'epoch', summary, epochs }),
  }).finally(() => tell({ kind: 'trained' }));
  if (!finished || !progress.best) return { progress, finished };
  const best = join(folder, runFiles.best);
  return { progress: await loadCheckpointOfFirst(ranks, best, { model }), finished };
}

/** What `report.json` keeps of a run: its evaluation, and where it comes from. */
export interface RunReport extends Evaluation, Partial<Facts> {
  readonly run: string;
  readonly network: string;
  /** The epochs after which the weights were those that were evaluated. */
  readonly epochs: number;
  readonly trainingSeconds: number;
  readonly command: string;
  readonly commit: string | null;
  readonly machine: RunRecord['machine'];
}

/** @param progress of the weights that were evaluated */
export function runReport<Found extends Evaluation & Partial<Facts>>(
  folder: string,
  { network, command, commit, machine }: RunRecord,
  { epochs, seconds: trainingSeconds }: Progress,
  evaluation: Found,
): RunReport & Found {
  return { run: folder, network, epochs, trainingSeconds, ...evaluation, command, commit, machine };
}
