/** Draws lines through points. */
import { chartFile, type ChartSpec } from './vega-chart';

/** A line of a chart. */
export interface Series {
  readonly name: string;
  /** From left to right; no value is negative. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A chart of lines. */
export interface LineChart {
  /** What the figures describe. */
  readonly title: string;
  /** Which part of it the chart shows. */
  readonly subtitle: string;
  /** What the axes measure; both begin at 0. */
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
}

/** A line with more points than this has no markers. */
const mostMarked = 40;

/** Draws lines through points, as an SVG file. */
export function drawLines(chart: LineChart): Promise<string> {
  return chartFile(lineSpec(chart), `${chart.title}: ${chart.subtitle}`);
}

function lineSpec({ title, subtitle, x, y, series }: LineChart): ChartSpec {
  const values = series.flatMap(({ name, points }) => points.map(([x, y]) => ({ name, x, y })));
  const across = values.map(({ x }) => x);
  // Passes are whole numbers, so there are no ticks between them.
  const tickMinStep = across.every(Number.isInteger) ? 1 : 0;
  const up = values.map(({ y }) => y);
  const marked = series.every(({ points }) => points.length <= mostMarked);
  const names = series.map(({ name }) => name);
  return {
    width: 540,
    height: 300,
    padding: 16,
    title: { text: linesOf(title), subtitle },
    data: { values },
    mark: { type: 'line', strokeWidth: 2, point: marked && { size: 40 } },
    encoding: {
      x: { field: 'x', title: x, ...axisFor(across, 10, { grid: false, labelFlush: false, tickMinStep }) },
      y: { field: 'y', title: y, ...axisFor(up, 6) },
      color: {
        field: 'name',
        type: 'nominal',
        scale: { domain: names },
        legend: names.length > 1 ? { title: null, orient: 'bottom' } : null,
      },
    },
  };
}

/** An axis from 0 to a round number that no value exceeds, in about `steps` steps. */
function axisFor(values: readonly number[], steps: number, more: object = {}) {
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  return {
    type: 'quantitative' as const,
    scale: { domain: [0, largest || 1], nice: steps },
    axis: { tickCount: steps, ...more },
  };
}

/** Breaks a title into lines. Vega overestimates the width of text: a line of 48 characters is as wide as the chart. */
function linesOf(title: string): string[] {
  return title.match(/\S.{0,47}(?=\s|$)|\S+/g) ?? [];
}
