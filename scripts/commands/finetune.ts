/** The command `finetune`: fine-tunes a trained network on the classes of other images, and tests it. */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { zoo, type NetworkName } from '../../models/registry';
import { counted } from '../../src/core/text/counted';
import { openLoader, type Loader } from '../../src/data/loader/loader';
import { loadFitted } from '../../src/weights/fitted-file';
import type { Answer } from '../../src/evaluate/metrics/answers';
import { evaluate } from '../../src/evaluate/evaluate';
import { evaluationText } from '../../src/evaluate/evaluation-text';
import { featureLoader } from '../../src/finetune/feature-cache';
import { splitAboveFrozen, type SplitModel } from '../../src/finetune/split-model';
import { writeModelFolder, type ModelRecord } from '../../src/weights/model-folder';
import { openRun, runFiles } from '../../src/train/run/run-record';
import type { Progress } from '../../src/train/run/checkpoint';
import { pathWord } from '../../src/core/text/shell-words';
import { chooseBackend, note, print, type Command } from '../cli/output';
import { noteSkipped } from '../cli/options/shared-options';
import { countPrinter } from '../cli/progress';
import { expectGoingOn, settledByFinetune } from '../cli/options/resume-options';
import { drawImages } from '../../src/workflows/run-images';
import { factsOfOwn, runReport, trainToTheEnd, writeJson } from '../workflows/train/run-to-end';
import { commandToCopy } from '../cli/npm/npm-run';
import { solveToTheEnd, solvingOf } from '../workflows/finetune/solve-to-end';
import { newFinetune, resumedFinetune, type FinetuneRun } from '../workflows/finetune/finetune-run';
import { finetuneOptions, type FinetuneArguments } from '../cli/options/finetune-options';

export const finetune: Command<FinetuneArguments> = {
  command: 'finetune [network]',
  describe: 'teach a trained network the classes of your own images',
  builder: finetuneOptions,
  handler: async ({ backend, json, resume, ...asked }) => {
    if (resume !== undefined) await expectGoingOn(resume, asked, settledByFinetune);
    const runtime = await chooseBackend(backend);
    const run = await (resume === undefined
      ? newFinetune(asked, runtime)
      : resumedFinetune(resume, runtime, { ...asked, onBadImage: asked['on-bad-image'] }));
    await finetuneToTheEnd(run, json);
  },
};

/** Trains, evaluates on the test set, and leaves a model folder that contains the report and the worst mistakes. */
async function finetuneToTheEnd(run: FinetuneRun, json: boolean): Promise<void> {
  const { folder, record, data, workers, learning } = run;
  const { recipe } = record;
  const images = openLoader({ workers, onBadImage: record.onBadImage });
  const preprocess = await loadFitted(folder, recipe);
  const goOn = commandToCopy('finetune', '--resume', pathWord(folder));
  const solving = solvingOf(run);
  const parts = solving?.parts ?? (record.finetune.features ? splitAboveFrozen(learning) : null);
  const loader = parts ? await featuresOf(run, parts, images) : images;
  const model = parts?.head ?? learning;
  const name = record.network as NetworkName;
  const { progress, chosen } = solving
    ? await solveToTheEnd(solving, loader, goOn)
    : {
        chosen: null,
        ...(await trainToTheEnd(run, {
          goOn,
          loader,
          network: { ...zoo[name], recipe, build: () => model },
        })),
      };
  const facts = await factsOfOwn(run);
  const answers: Answer[] = [];
  const evaluation = await evaluate({
    model,
    recipe,
    data: data.test,
    loader,
    fitted: preprocess,
    onAnswer: (answer) => void answers.push(answer),
  });
  await images.close();
  const shown = { model: run.whole, data: data.test, answers };
  const mistakes = await drawImages(join(folder, runFiles.report), shown);
  noteSkipped((await openRun(folder)).skippedImages ?? [], join(folder, runFiles.record));
  // The time since the start of this process, including what it read and computed before the first update.
  const totalSeconds = performance.now() / 1000;
  const report = {
    ...runReport(folder, record, progress, { ...evaluation, ...facts }),
    ...(chosen && { solved: chosen }),
    totalSeconds,
  };
  await writeJson(join(folder, runFiles.report), report);
  await keepModel(run, progress);
  const others = counted(data.validation.labels.length, 'other image');
  const best = progress.best ? `, the best of them on ${others}` : '';
  const fitted = chosen
    ? `solved with the weight decay ${chosen.weightDecay}, chosen on ${others}${chosen.withValidation ? ' and then learned from these too' : ''}`
    : `after ${counted(progress.epochs, 'epoch')}${best}`;
  const text = [
    evaluationText(evaluation),
    '',
    `${fitted}; written to ${folder}`,
    ...(mistakes === null ? [] : [`the worst mistakes: ${mistakes}`]),
    `classify: ${commandToCopy('classify', 'PHOTO', '--model', pathWord(folder))}`,
  ].join('\n');
  print(json, report, text);
}

/** The loader for a training on the features that the frozen layers compute. */
export async function featuresOf(
  { record, data, folder }: FinetuneRun,
  { base, featureShape }: SplitModel,
  loader: Loader,
): Promise<Loader> {
  const { recipe, seed } = record;
  const { train: training, validation, test } = data;
  note(
    `computing once what the frozen layers make of each image, in ${counted(recipe.variants!, 'variant')} of those to learn from`,
  );
  const printer = countPrinter('images');
  const features = await featureLoader({
    base,
    featureShape,
    recipe: { ...recipe, variants: recipe.variants! },
    seed,
    fitted: await loadFitted(folder, recipe),
    loader,
    training,
    others: [validation, test],
    onProgress: printer.count,
  });
  printer.end();
  return features;
}

/** Turns the run's folder into a model folder as well, so that other commands accept it. */
async function keepModel(
  { folder, record, data, whole, learning }: FinetuneRun,
  { epochs }: Progress,
): Promise<void> {
  const { network, classes, recipe, seed, command, commit, finetune } = record;
  const trained = new Set(learning.weights.map(({ originalName }) => originalName));
  await writeModelFolder(folder, whole, {
    network,
    classes,
    labels: [...data.train.classes],
    synsets: data.train.synsets ? [...data.train.synsets] : null,
    input: structuredClone(recipe.input) as ModelRecord['input'],
    loss: structuredClone(recipe.loss) as NonNullable<ModelRecord['loss']>,
    missing: whole.weights.map(({ originalName }) => originalName).filter((weight) => !trained.has(weight)),
    seed,
    source: {
      kind: 'fineTuned',
      data: record.data,
      epochs,
      frozen: [...finetune.frozen],
      from: { ...finetune.source },
    },
    command,
    commit,
    made: new Date().toISOString(),
  });
}
