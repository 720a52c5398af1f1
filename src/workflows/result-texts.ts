/** What workflows found, as text for a terminal. */
import { counted } from '../core/text/counted';
import type { Evaluation } from '../evaluate/evaluate';
import { evaluationText } from '../evaluate/evaluation-text';
import { loaderText } from '../report/bench/bench-data';
import { mappingText, notLoadedLines } from '../report/mapping-text';
import { weightsText } from '../weights/not-loaded';
import type { MappingReport } from '../weights/import/mapping-report';
import { runFiles } from '../train/run/run-record';
import { join } from 'node:path';
import type { BenchedData } from './measure/bench-data';
import type { EvaluatedFolder } from './evaluate/evaluate-folder';
import type { ExportedModel } from './weights/export-model';
import type { FinetuneReport } from './finetune/finetune';
import type { RunReport } from './train/finish-run';
import type { WrittenFeatures } from './trained/features/features';

/** How an evaluation is shown. */
interface Shown {
  /** Whether to tell the error of what is left when the least sure answers are rejected. Default: false. */
  readonly rejection?: boolean;
}

/** A trained run: the answers by class, then the error, which is thus visible at the end. */
export function runText(report: RunReport, folder: string): string {
  return reportText(report, join(folder, runFiles.report), {});
}

/** A report that `evaluateFolder` wrote. */
export function evaluatedText(report: EvaluatedFolder['report'], path: string, shown: Shown = {}): string {
  const { epochs } = report;
  if (epochs !== undefined) return reportText({ ...report, epochs }, path, shown);
  return `${evaluationText(report, shown)}\n\n${report.protocol}; written to ${path}`;
}

function reportText(report: Evaluation & Pick<RunReport, 'epochs'>, path: string, shown: Shown): string {
  const [errors, ...classes] = evaluationText(report, shown).split('\n\n');
  return `${classes.join('\n\n')}\n\n${errors}\nafter ${counted(report.epochs, 'epoch')}; written to ${path}`;
}

/** A fine-tuning: the evaluation, and how the head was fitted. */
export function finetuneText(report: FinetuneReport | RunReport, folder: string): string {
  return [evaluationText(report), '', `${fittedText(report)}; written to ${folder}`].join('\n');
}

function fittedText(report: FinetuneReport | RunReport): string {
  const { validationImages = 0, bestOfEpochs = false, solved = null } = report as FinetuneReport;
  const others = counted(validationImages, 'other image');
  if (solved) {
    const again = solved.withValidation ? ' and then learned from these too' : '';
    return `solved with the weight decay ${solved.weightDecay}, chosen on ${others}${again}`;
  }
  const best = bestOfEpochs ? `, the best of them on ${others}` : '';
  return `after ${counted(report.epochs, 'epoch')}${best}`;
}

/** What became of each tensor of an import, and the model's folder. */
export function importedText(report: MappingReport, folder: string): string {
  return [mappingText(report), `written: ${folder}`, ...notLoadedLines(report)].join('\n');
}

/** How an exported model is used. */
export function exportedText({ out, bytes, opening, scores, images, ...drawn }: ExportedModel): string {
  return [
    `written: ${out} (${(bytes / 1e6).toFixed(1)} MB)`,
    ...drawnLines(drawn),
    `open it: ${opening}`,
    `scores: ${scores}`,
    `images: ${images}`,
  ].join('\n');
}

function drawnLines({
  leftOut = [],
  notLoaded = [],
}: Pick<ExportedModel, 'leftOut' | 'notLoaded'>): readonly string[] {
  const why = 'neither loaded nor trained, but drawn at random';
  return [
    ...(leftOut.length > 0 ? [`left out: ${weightsText(leftOut)}, ${why}`] : []),
    ...(notLoaded.length > 0
      ? [`marked in it: ${weightsText(notLoaded)}, ${why}; its answers depend on them`]
      : []),
  ];
}

/** How fast images were read or learned from, as medians of the rounds. */
export function benchedDataText(found: BenchedData): string {
  const { images, folder, rounds } = found;
  return `${counted(images, 'image')} of ${folder}, medians of ${counted(rounds, 'round')}\n${loaderText(found)}`;
}

/** Features that were written. */
export function featuresText({
  file,
  names: beside,
  rows,
  width,
  network,
  layer,
  shape,
  pool,
  classes,
  leftOut,
}: WrittenFeatures): string {
  const order = shape.length === 3 && pool === null ? `, flattened in the order height, width, maps` : '';
  const made =
    pool === null
      ? `${shape.join('×')}${shape.length === 1 ? ' units' : order}`
      : `the mean of each of its ${width} maps of ${shape.slice(0, 2).join('×')}`;
  const lines = [
    `${file}: ${rows.toLocaleString('en')} rows of ${width.toLocaleString('en')} features`,
    `  ${network}, layer ${layer}: ${made}`,
    `  ${classes ? `labels of ${classes.length} classes` : 'no labels: the images stand in no folders of classes'}`,
  ];
  if (beside !== null) lines.push(`  ${beside}: the file${classes ? ' and the label' : ''} of each row`);
  if (leftOut > 0) lines.push(`  ${leftOut} left out, for they cannot be read`);
  return lines.join('\n');
}
