/** The charts of one run: losses, errors and confusions. */
import type { EpochSummary } from '../../../train/run/log';
import type { Evaluation } from '../../../evaluate/evaluate';
import { share } from '../parts/figures';
import type { Rejection } from '../../../evaluate/metrics/rejection';
import { chartFigure, type Figures } from './chart-figure';
import type { Html } from '../html';

const size = { width: 330, height: 200 } as const;

/** The confusion matrix is drawn for at most this many classes. */
const mostDrawn = 24;

/** The training curves, epoch by epoch: the mean loss, and the errors where the run measured them. */
export async function trainingCurves(epochs: readonly EpochSummary[]): Promise<readonly Html[]> {
  if (epochs.length < 2) return [];
  const losses = epochs.map(({ epoch, meanLoss }) => ({ epoch: epoch + 1, of: 'training', value: meanLoss }));
  const errors = epochs.flatMap(({ epoch, validationError, errors = {} }) => [
    ...(validationError === null
      ? []
      : [{ epoch: epoch + 1, of: 'validation', value: 100 * validationError }]),
    ...Object.entries(errors).map(([of, error]) => ({ epoch: epoch + 1, of, value: 100 * error })),
  ]);
  const curves = [lines('Mean loss in each epoch of training', 'mean loss', losses)];
  if (errors.length > 0) curves.push(lines('Error after each epoch', 'error, %', errors));
  return Promise.all(curves);
}

interface Value {
  readonly epoch: number;
  readonly of: string;
  readonly value: number;
}

function lines(caption: string, title: string, values: readonly Value[]): Promise<Html> {
  const names = [...new Set(values.map(({ of }) => of))];
  const epochs = [...new Set(values.map(({ epoch }) => epoch))];
  const figures: Figures = {
    head: ['epoch', ...names],
    rows: epochs.map((epoch) => [
      epoch,
      ...names.map((of) => {
        const found = values.find((value) => value.epoch === epoch && value.of === of);
        return found ? found.value.toPrecision(4) : '-';
      }),
    ]),
  };
  return chartFigure(
    caption,
    {
      ...size,
      data: { values: [...values] },
      mark: { type: 'line', point: { size: 25 }, strokeWidth: 2 },
      encoding: {
        x: { field: 'epoch', type: 'quantitative', axis: { tickMinStep: 1, grid: false, format: 'd' } },
        y: { field: 'value', type: 'quantitative', title },
        color: {
          field: 'of',
          type: 'nominal',
          sort: names,
          legend: names.length > 1 ? { title: null, orient: 'bottom' } : null,
        },
      },
    },
    figures,
  );
}

/** The confusion matrix, with numbers of images; null where there are too many classes to draw. */
export async function confusionChart(
  perClass: Evaluation['perClass'],
  confusion: Evaluation['confusion'],
): Promise<Html | null> {
  if (perClass.length > mostDrawn) return null;
  const labels = perClass.map(({ label }) => label);
  const cells = confusion.flatMap((row, of) => {
    const all = row.reduce((sum, images) => sum + images, 0);
    return row.map((images, as) => ({
      label: labels[of]!,
      answer: labels[as]!,
      share: all === 0 ? 0 : images / all,
      images,
      text: images === 0 ? '' : String(images),
    }));
  });
  const step = Math.max(18, Math.min(40, Math.floor(330 / labels.length)));
  const place = (field: string, title: string) =>
    ({
      field,
      type: 'nominal',
      sort: labels,
      title,
      axis: { domain: false, ticks: false, labelLimit: 90 },
    }) as const;
  return chartFigure(
    'Confusions: images of a class in its row, by answer',
    {
      width: { step },
      height: { step: Math.min(step, 28) },
      data: { values: cells },
      encoding: { x: { ...place('answer', 'answer') }, y: place('label', 'label') },
      layer: [
        {
          mark: { type: 'rect' },
          encoding: {
            color: {
              field: 'share',
              type: 'quantitative',
              // The square root of the share, so that a few mistakes among thousands are visible.
              scale: { type: 'sqrt', domain: [0, 1], range: ['#56b4e91a', '#0072b2'] },
              legend: null,
            },
          },
        },
        {
          mark: { type: 'text', fontSize: 10 },
          encoding: {
            text: { field: 'text' },
            color: { condition: { test: 'datum.share > 0.4', value: '#ffffff' }, value: 'currentColor' },
          },
        },
      ],
    },
    { head: ['class', ...labels], rows: confusion.map((row, of) => [labels[of]!, ...row]) },
  );
}

/** The error that remains when the answers with the least margins are rejected, drawn as in LeCun et al. 1998. */
export function rejectionChart(rejection: readonly Rejection[]): Promise<Html> {
  const values = rejection.map(({ rejected, error }) => ({ rejected: 100 * rejected, error: 100 * error }));
  return chartFigure(
    'Error among the others when the least sure are rejected',
    {
      ...size,
      data: { values },
      mark: { type: 'line', point: { size: 25 }, strokeWidth: 2 },
      encoding: {
        x: { field: 'rejected', type: 'quantitative', title: 'rejected, %', axis: { grid: false } },
        y: { field: 'error', type: 'quantitative', title: 'error, %' },
      },
    },
    {
      head: ['rejected', 'error among the others'],
      rows: rejection.map(({ rejected, error }) => [share(rejected), share(error)]),
    },
  );
}

/** The reliability diagram: how often answers are right, by how sure they are. */
export function calibrationChart({ bins, error }: NonNullable<Evaluation['calibration']>): Promise<Html> {
  const values = bins.map(({ confidence, accuracy, images }) => ({
    sure: 100 * confidence,
    right: 100 * accuracy,
    images,
  }));
  const quantitative = { type: 'quantitative' as const, scale: { domain: [0, 100], nice: false } };
  const x = { field: 'sure', title: 'probability of the answer, %', ...quantitative };
  const y = { field: 'right', title: 'right, %', ...quantitative };
  return chartFigure(
    `How sure answers are, and how right: expected calibration error ${share(error)}`,
    {
      ...size,
      layer: [
        {
          data: { values: [{ at: 0 }, { at: 100 }] },
          mark: { type: 'line', strokeDash: [4, 3], strokeWidth: 1, color: 'currentColor' },
          encoding: { x: { ...x, field: 'at' }, y: { ...y, field: 'at' } },
        },
        {
          data: { values },
          mark: { type: 'line', strokeWidth: 2, color: '#0072b2' },
          encoding: { x, y },
        },
        {
          data: { values },
          mark: { type: 'point', filled: true, opacity: 1, color: '#0072b2' },
          encoding: {
            x,
            y,
            size: { field: 'images', type: 'quantitative', scale: { range: [20, 220] }, legend: null },
          },
        },
      ],
    },
    {
      head: ['probability', 'right', 'images'],
      rows: bins.map(({ confidence, accuracy, images }) => [share(confidence), share(accuracy), images]),
    },
  );
}
