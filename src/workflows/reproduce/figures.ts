/** Draws the figures of an experiment from its runs. */
import { join } from 'node:path';
import { counted } from '../../core/text/counted';
import { openLoader } from '../../data/loader/loader';
import { answersOf, isRight } from '../../evaluate/metrics/answers';
import type { FigureKind } from './experiment';
import { filtersSheet } from '../../report/sheets/filters-sheet';
import { drawLines } from '../../report/charts/line-chart';
import { mistakesSheet } from '../../report/sheets/mistakes-sheet';
import { rejectedFor, rejectionCurve } from '../../evaluate/metrics/rejection';
import { medianPlace } from './seed-figures';
import {
  errorsByEpoch,
  passesChart,
  setSizesChart,
  type ErrorsByEpoch,
} from '../../report/charts/training-charts';
import { loadCheckpoint } from '../../train/run/checkpoint';
import { readLog } from '../../train/run/log';
import { openRun, runFiles } from '../../train/run/run-record';
import { writeFileAtomically } from '../../core/io/files';
import { partsOf, reportOnFile, type Reproduction, type RunOfSeed } from './reproduction';
import { filtersFile } from '../evaluate/run-images';
import { writeSealedJson } from '../../core/io/sealed-file';
import { networkOf } from '../context';
import { rejectedChart } from '../../report/charts/rejected-chart';

/** Draws an experiment's figures from its runs, and writes them beside the runs. */
export async function drawFigures(reproduction: Reproduction): Promise<string[]> {
  const { experiment, folder } = reproduction;
  const files: string[] = [];
  for (const kind of experiment.figures) files.push(...(await drawn(kind, reproduction)));
  return files.map((file) => join(folder, file));
}

/** @returns the names of the files that were written */
async function drawn(kind: FigureKind, reproduction: Reproduction): Promise<string[]> {
  const { experiment, folder } = reproduction;
  const { title } = experiment;
  const parts = partsOf(reproduction);
  const write = (file: string, data: string | Buffer) =>
    writeFileAtomically(join(folder, file), Buffer.from(data)).then(() => file);
  switch (kind) {
    case 'passes': {
      const runs = parts.at(-1)!.runs.map(epochsOf);
      return [await write('passes.svg', await drawLines(passesChart(runs, title)))];
    }
    case 'setSizes': {
      const sizes = parts.map(({ trainingImages, runs }) => ({
        images: trainingImages ?? reproduction.data.train.labels.length,
        errors: meanOfLast(runs.map(epochsOf)),
      }));
      return [await write('set-sizes.svg', await drawLines(setSizesChart(sizes, title)))];
    }
    case 'rejection': {
      const { answers, seed } = await answersOfMedian(reproduction, parts.at(-1)!.runs);
      const curve = rejectionCurve(answers);
      const rejectedForError = Object.fromEntries(
        [0.005, 0.01].map((error) => [error, rejectedFor(curve, error)]),
      );
      await writeSealedJson(join(folder, 'rejection.json'), { seed, rejectedForError });
      const chart = await drawLines(rejectedChart(curve, 0.1, title));
      return [await write('rejection.svg', chart), 'rejection.json'];
    }
    case 'mistakes': {
      const { test } = reproduction.data;
      if (test.kind !== 'pixels') return [];
      const { answers } = await answersOfMedian(reproduction, parts.at(-1)!.runs);
      const count = answers.filter((answer) => !isRight(answer)).length;
      const { svg, png } = await mistakesSheet(
        answers,
        test,
        `${title}: ${counted(count, 'mistake')}, label → answer`,
      );
      return [await write('mistakes.svg', svg), await write('mistakes.png', png)];
    }
    case 'filters': {
      const { model } = await medianRun(reproduction, parts.at(-1)!.runs);
      const sheet = await filtersSheet(model);
      model.dispose();
      return sheet ? [await write(filtersFile, sheet)] : [];
    }
    default:
      return kind satisfies never;
  }
}

function epochsOf({ folder }: RunOfSeed): ErrorsByEpoch {
  return errorsByEpoch(readLog(folder).flatMap((line) => ('meanLoss' in line ? [line] : [])));
}

/** The mean over runs of the errors after the last epoch. */
function meanOfLast(runs: readonly ErrorsByEpoch[]): Record<string, number> {
  const last = runs.map((run) => run.at(-1)!);
  return Object.fromEntries(
    Object.keys(last[0]!).map((name) => [
      name,
      last.reduce((sum, errors) => sum + errors[name]!, 0) / last.length,
    ]),
  );
}

async function answersOfMedian(reproduction: Reproduction, runs: readonly RunOfSeed[]) {
  const { model, recipe, seed } = await medianRun(reproduction, runs);
  const loader = openLoader();
  try {
    const answers = await answersOf({ model, recipe, data: reproduction.data.test, loader });
    return { answers, seed };
  } finally {
    await loader.close();
    model.dispose();
  }
}

async function medianRun({ experiment, context }: Reproduction, runs: readonly RunOfSeed[]) {
  const { folder, seed } = runs[medianPlace(runs.map(errorOf))]!;
  const { recipe, classes } = await openRun(folder);
  const network = networkOf(context.zoo, experiment.network, experiment.title);
  const model = network.build({ classes, input: recipe.input.shape, seed });
  await loadCheckpoint(join(folder, runFiles.last), model);
  return { model, recipe, seed };
}

function errorOf({ folder }: RunOfSeed): number {
  return reportOnFile(join(folder, runFiles.report)).error;
}
