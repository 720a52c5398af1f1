/** The error of what is not rejected, as a chart. */
import type { Rejection } from '../../evaluate/metrics/rejection';
import type { LineChart } from './line-chart';

/** The curve up to a share of rejected images, to be drawn. */
export function rejectedChart(curve: readonly Rejection[], upTo: number, title: string): LineChart {
  const shown = curve.filter(({ rejected }) => rejected <= upTo);
  return {
    title,
    subtitle: 'error of what is not rejected',
    x: 'rejected, % of the test images, the least sure first',
    y: 'error among the others, %',
    series: [{ name: 'error', points: shown.map(({ rejected, error }) => [100 * rejected, 100 * error]) }],
  };
}
