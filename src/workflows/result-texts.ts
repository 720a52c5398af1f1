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
import type { FindRateReport } from './finetune/find-rate';
import type { FinetuneReport } from './finetune/finetune';
import type { RunReport } from './train/finish-run';
import type { Inspected } from './trained/inspect';
import { number, percent } from '../core/text/numbers';
import { columns } from '../core/text/columns';
import { scoreWords } from '../core/score-kind';
import { visibleLine } from '../core/text/visible-text';
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

/** A rate that was looked for, and the rule by which it is proposed. */
export function foundRateText({ rate, least, rose, points, chart }: FindRateReport): string {
  const digits = (value: number) => Number(value.toPrecision(2));
  const rule = `a tenth of ${digits(least.rate)}, where the smoothed loss was least (${least.smoothed.toPrecision(3)}, from ${points[0]!.smoothed.toPrecision(3)})`;
  return [
    `rate ${rate}: ${rule}`,
    ...(rose ? [] : ['the loss was still falling at the highest rate: a higher one may do as well']),
    `the curve: ${chart}`,
  ].join('\n');
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

/** What was found inside a network: the class that was looked at, and what excites a unit. */
export function inspectedText({ network, image, unit }: Inspected): string {
  const lines: string[] = [];
  if (image) {
    const { class: wanted, gradCam, classActivation, occlusion, scoreKind, predictions } = image;
    const scores = scoreKind === 'logits' ? '' : ` (${scoreWords[scoreKind]})`;
    const answers = predictions.map(({ label, probability, score }) => [
      probability === null ? number(score!) : percent(probability, 2),
      label,
    ]);
    const { size, stride, tops, lefts } = occlusion;
    lines.push(
      `${visibleLine(image.file)}: ${network} answers${scores}`,
      ...columns(answers, [0]).map((row) => `  ${row}`),
      `looked at: ${wanted.label}`,
      ...(classActivation
        ? [
            `class activation of ${classActivation.layer}: mean ${number(classActivation.mean)} + bias ${number(classActivation.bias)} = score ${number(image.scores[wanted.index]!)}`,
          ]
        : []),
      ...(gradCam ? [`Grad-CAM of ${gradCam.layer}, ${gradCam.height}×${gradCam.width}`] : []),
      `occlusion by ${size}×${size} pixels, ${stride} apart: ${counted(tops.length * lefts.length, 'place')}`,
    );
  }
  if (unit) {
    const rows = unit.images.map(({ value, name, at }) => [
      number(value),
      visibleLine(name),
      at ? `at ${at[0]}, ${at[1]}` : '',
    ]);
    lines.push(
      `${unit.unit} is excited most, of ${counted(unit.looked, 'image')}, by`,
      ...columns(rows, [0]).map((row) => `  ${row}`),
    );
  }
  return lines.join('\n');
}

/** What was found inside a network as plain data: all numbers but those of every pixel and of layers. */
export function inspectedData({ network, image, unit }: Inspected): Readonly<Record<string, unknown>> {
  const plain = (values: Float32Array) => Array.from(values);
  return {
    network,
    image: image && {
      file: image.file,
      inverted: image.shown.inverted,
      shape: image.shape,
      scores: image.scoreKind,
      predictions: image.predictions,
      class: image.class,
      classActivation: image.classActivation && {
        ...image.classActivation,
        values: plain(image.classActivation.values),
      },
      gradCam: image.gradCam && {
        ...image.gradCam,
        values: plain(image.gradCam.values),
        weights: plain(image.gradCam.weights),
      },
      occlusion: { ...image.occlusion, values: plain(image.occlusion.values) },
      layers: image.layers.map(({ name, output, maps }) => ({ name, shape: output.shape, maps })),
    },
    unit: unit && {
      ...{ unit: unit.unit, data: unit.data, looked: unit.looked },
      images: unit.images.map(({ name, image: index, value, at, field }) => ({
        ...{ name, image: index, value, at, field },
      })),
    },
  };
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
