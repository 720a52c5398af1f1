/** Fine-tunes a trained network on the classes of other images, tests it, and leaves a model folder. */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { classWeightings, finetuneMethods, finetuneOptimisers } from '../choices';
import { conventions } from '../../weights/import/toolkit-layout';
import { expectOptions, type OptionNames } from '../../core/given/options';
import { writeSealedJson } from '../../core/io/sealed-file';
import { byFirst, ofFirst } from '../../core/io/process/together';
import { counted } from '../../core/text/counted';
import { openLoader, type Loader } from '../../data/loader/loader';
import type { Answer } from '../../evaluate/metrics/answers';
import { evaluatedRows } from '../../evaluate/answers-table';
import { evaluate } from '../../evaluate/evaluate';
import { featureLoader } from '../../finetune/feature-cache';
import type { ChosenDecay } from '../../finetune/solve/solve-path';
import { fineTunedFacts } from '../../finetune/fine-tuned-facts';
import { splitAboveFrozen, type SplitModel } from '../../finetune/split-model';
import type { Progress } from '../../train/run/checkpoint';
import { learnedInput } from '../../train/run/learned-input';
import { dataText, openRun, runFiles } from '../../train/run/run-record';
import { loadFitted } from '../../weights/fitted-file';
import { writeModelFolder } from '../../weights/model-folder';
import {
  openContext,
  ranksOption,
  workflowOptions,
  type Context,
  type RanksOption,
  type WorkflowOptions,
  type Zoo,
} from '../context';
import { remarkSkipped } from '../data/packed-splits';
import { checkAnswers, writeAnswers, type AnswersOption } from '../evaluate/answers-output';
import { drawImages } from '../evaluate/run-images';
import { factsOfOwn, runReport, trainToTheEnd, type RunOutcome, type RunReport } from '../train/finish-run';
import { runOfRanks } from '../train/run-of-ranks';
import { commonChoices } from '../train/start-run';
import {
  expectFinetune,
  newFinetune,
  resumedFinetune,
  type FinetuneRun,
  type FinetuneRunChoices,
  type PreparedFinetune,
} from './finetune-run';
import { solveToTheEnd, solvingOf } from './solve-to-end';

export interface FinetuneOptions extends FinetuneRunChoices, AnswersOption, RanksOption, WorkflowOptions {}

/** The names of a fine-tuning's options. */
export const finetuneNames: OptionNames<FinetuneOptions> = {
  weights: 'required',
  data: 'required',
  test: 'optional',
  freeze: 'optional',
  method: finetuneMethods,
  withValidation: 'optional',
  layerRate: 'optional',
  optimiser: finetuneOptimisers,
  warmUp: 'optional',
  labelSmoothing: 'optional',
  clipNorm: 'optional',
  accumulate: 'optional',
  rate: 'optional',
  epochs: 'optional',
  batch: 'optional',
  variants: 'optional',
  patience: 'optional',
  classWeights: classWeightings,
  validationSplit: 'optional',
  answers: 'optional',
  names: conventions,
  ...commonChoices,
  ...ranksOption,
  ...workflowOptions,
};

/** The report of a fine-tuning. */
export interface FinetuneReport extends RunReport {
  /** For a head that was solved: the weight decay that was chosen, and by what. */
  readonly solved?: ChosenDecay;
  /** The images by which the weight decay or the best epoch was chosen. */
  readonly validationImages: number;
  /** Whether the weights are those of the best epoch on these images. */
  readonly bestOfEpochs: boolean;
  /** With what was read and computed before the first update. */
  readonly totalSeconds: number;
}

/**
 * Teaches a trained network the classes of other images: makes its head again, trains what is not frozen, evaluates it
 * on the test images, and leaves a folder that is a run's and a model's.
 * @returns the folder, and the report unless it was interrupted; `resumeRun` goes on
 * @throws UserError for weights, data, options or a folder that do not fit
 */
export async function finetune(zoo: Zoo, options: FinetuneOptions): Promise<RunOutcome<FinetuneReport>> {
  expectOptions('finetune', options, finetuneNames);
  checkAnswers('finetune', options.answers);
  const began = performance.now();
  const context = await openContext(zoo, ['finetune', options], options);
  const { answers, workers } = options;
  const run = await runOfRanks(
    context,
    (leading) => newFinetune(options, leading),
    (folder, record, looked) => resumedFinetune(folder, expectFinetune(record), { workers, looked }, context),
  );
  return finishFinetune(run, context, { began, answers });
}

/**
 * Trains, evaluates on the test set, and leaves a model folder that contains the report and the worst mistakes.
 * @param began when the work began, by `performance.now()`
 */
export async function finishFinetune(
  run: FinetuneRun,
  context: Context,
  { began, answers: table }: AnswersOption & { readonly began: number },
): Promise<RunOutcome<FinetuneReport>> {
  const { folder, record, data, workers, learning } = run;
  const { recipe } = record;
  const images = openLoader({ workers, onBadImage: record.onBadImage });
  try {
    const fitted = await loadFitted(folder, recipe);
    const solving = solvingOf(run);
    const parts = solving?.parts ?? (record.finetune.features ? splitAboveFrozen(learning) : null);
    const loader = parts ? await featuresOf({ record, data, fitted }, parts, images, context) : images;
    const model = parts?.head ?? learning;
    const trained = solving
      ? await solveToTheEnd(solving, loader, context)
      : { chosen: null, ...(await trainToTheEnd(run, { model, loader }, context)) };
    if (!trained) return await ofFirst(context.ranks, { finished: false, folder, updates: null });
    const { progress, chosen } = trained;
    if ('finished' in trained && !trained.finished)
      return await ofFirst(context.ranks, { finished: false, folder, updates: progress.done });
    const answers: Answer[] = [];
    const onAnswer = (answer: Answer) => void answers.push(answer);
    const { ranks: communicator } = context;
    const tested = { model, recipe, data: data.test, loader, fitted, onAnswer, communicator };
    const evaluation = await evaluate(tested);
    return await byFirst(communicator, async () => {
      const facts = await factsOfOwn(run, context);
      const shown = { model: run.whole, data: data.test, answers };
      const mistakes = await drawImages(join(folder, runFiles.report), shown);
      await writeAnswers(table, () => evaluatedRows(answers, data.test, recipe.loss));
      remarkSkipped((await openRun(folder)).skippedImages ?? [], join(folder, runFiles.record), context);
      const report = {
        ...runReport(folder, record, progress, { ...evaluation, ...facts }),
        ...(chosen && { solved: chosen }),
        validationImages: data.validation.labels.length,
        bestOfEpochs: progress.best !== null,
        totalSeconds: (performance.now() - began) / 1000,
      };
      await writeSealedJson(join(folder, runFiles.report), report);
      await keepModel(run, progress);
      return { finished: true, folder, report, mistakes };
    });
  } finally {
    await images.close();
    run.whole.dispose();
    await run.release();
  }
}

/** The loader for a training on the features that the frozen layers compute. */
export async function featuresOf(
  { record, data, fitted }: Pick<PreparedFinetune, 'record' | 'data' | 'fitted'>,
  { base, featureShape }: SplitModel,
  loader: Loader,
  { remark, tell, ranks }: Context,
): Promise<Loader> {
  const { recipe, seed } = record;
  const { train: training, validation, test } = data;
  remark(
    `computing once what the frozen layers make of each image, in ${counted(recipe.variants!, 'variant')} of those to learn from`,
  );
  return featureLoader({
    base,
    featureShape,
    recipe: { ...recipe, variants: recipe.variants! },
    seed,
    fitted,
    loader,
    communicator: ranks,
    training,
    others: [validation, test],
    onProgress: (done, all) => tell({ kind: 'count', what: 'images', done, all }),
  });
}

/** Turns the run's folder into a model folder as well, so that other functions accept it. */
async function keepModel(
  { folder, record, data, whole, learning }: FinetuneRun,
  { epochs }: Progress,
): Promise<void> {
  const { network, recipe, seed, command, commit, finetune } = record;
  const facts = fineTunedFacts({
    ...{ network, whole, learning, images: data.train, seed, command, commit, epochs },
    recipe: { input: learnedInput(record), loss: recipe.loss },
    data: dataText(record),
    frozen: finetune.frozen,
    from: finetune.source,
  });
  await writeModelFolder(folder, whole, facts);
}
