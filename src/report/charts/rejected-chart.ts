/** The chart of the error on the images that are not rejected. */
import type { Rejection } from '../../evaluate/metrics/rejection';
import type { LineChart } from './line-chart';

/** The chart of a rejection curve, up to the given share of rejected images. */
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
