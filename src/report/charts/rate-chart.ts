/** The chart of a range test: the loss against the learning rate. */
import type { FoundRate } from '../../train/find-rate';
import { chartColours, chartFile } from './vega-chart';

const faint = 0.35;

/** Draws the losses of a range test, each and smoothed, over a logarithmic axis, with the rate that is proposed. */
export function drawRates({ points, rate, least }: FoundRate, title: string): Promise<string> {
  const subtitle = 'loss at a rate that rises with each update';
  // A loss that leapt at the end would flatten all that is to be seen.
  const first = points[0]!.smoothed;
  const top = 1.5 * Math.max(first, ...points.slice(0, points.indexOf(least) + 1).map(({ loss }) => loss));
  const of = (name: string, values: readonly { readonly rate: number; readonly loss: number }[]) => ({
    values: values.map((point) => ({ ...point, name })),
  });
  const x = {
    field: 'rate',
    type: 'quantitative' as const,
    title: 'learning rate',
    scale: { type: 'log' as const, nice: false },
    axis: { format: '.0e', grid: false, values: powersOfTen(points) },
  };
  const y = {
    field: 'loss',
    type: 'quantitative' as const,
    title: 'mean loss of an update’s images',
    scale: { domain: [0, top], nice: 6, clamp: true },
  };
  const color = {
    field: 'name',
    type: 'nominal' as const,
    scale: { domain: ['each update', 'smoothed', 'proposed rate'], range: [...chartColours.slice(0, 3)] },
    legend: { title: null, orient: 'bottom' as const, symbolOpacity: 1, symbolStrokeWidth: 2 },
  };
  const chart = {
    width: 540,
    height: 300,
    padding: 16,
    title: { text: title, subtitle },
    layer: [
      {
        data: of('each update', points),
        mark: { type: 'line' as const, strokeWidth: 1, opacity: faint, clip: true },
        encoding: { x, y, color },
      },
      {
        data: of(
          'smoothed',
          points.map(({ rate: at, smoothed }) => ({ rate: at, loss: smoothed })),
        ),
        mark: { type: 'line' as const, strokeWidth: 2, clip: true },
        encoding: { x, y, color },
      },
      {
        data: of('proposed rate', [{ rate, loss: 0 }]),
        mark: { type: 'rule' as const, strokeDash: [5, 4], strokeWidth: 2 },
        encoding: { x, color },
      },
    ],
  };
  return chartFile(chart, `${title}: ${subtitle}`);
}

/** The powers of ten between the first and the last rate. */
function powersOfTen(points: FoundRate['points']): number[] {
  const [first, last] = [points[0]!.rate, points.at(-1)!.rate].map((rate) => Math.log10(rate));
  const from = Math.ceil(first! - 1e-9);
  return Array.from({ length: Math.floor(last! + 1e-9) - from + 1 }, (_, at) => Number(`1e${from + at}`));
}
