/** Charts of top-5 errors on ImageNet by year, multiply-adds and parameters. */
import type { ComparedRow } from '../../compare';
import type { NetworkDescription } from '../../../describe/describe-network';
import { count } from '../../../core/text/columns';
import type { ChartSpec } from '../../charts/vega-chart';
import { chartFigure, type Figures } from './chart-figure';
import { familyOf } from '../parts/families';
import { share } from '../parts/figures';
import type { Html } from '../html';

/**
 * Results before convolutional networks, from image-net.org: the challenges of 2011 (XRCE) and of 2012 (ISI, second
 * place).
 */
const landmarks = [
  { error: 0.258, text: 'best of 2011: 25.8 %' },
  { error: 0.262, text: 'second of 2012: 26.2 %' },
] as const;

interface Point {
  readonly network: string;
  readonly family: string;
  readonly year: number;
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly error: number;
  readonly percent: number;
  readonly source: 'published' | 'measured here';
  readonly note: string;
}

/** Top-5 errors on ImageNet, published and measured here, by year, by multiply-adds and by parameters. */
export async function top5Charts(
  networks: readonly NetworkDescription[],
  rows: readonly ComparedRow[],
): Promise<readonly Html[]> {
  const points = pointsOf(networks, rows);
  const figures = figuresOf(points);
  const byYear = labelsOf(points, (point) => String(point.year));
  const byFamily = labelsOf(points, ({ family }) => family);
  const below = { align: 'center', dy: 13 } as const;
  const sized = (field: 'parameters' | 'multiplyAdds', title: string) =>
    scatter(points, byFamily, logarithmic(field, title), below);
  return Promise.all([
    chartFigure(
      'Top-5 error on ImageNet by year',
      scatter(points, byYear, year, { align: 'right', dx: -8 }, [rules, ruleWords]),
      figures,
    ),
    chartFigure('Top-5 error by multiply-adds of one crop', sized('multiplyAdds', 'multiply-adds'), figures),
    chartFigure('Top-5 error by parameters', sized('parameters', 'parameters'), figures),
  ]);
}

function pointsOf(networks: readonly NetworkDescription[], rows: readonly ComparedRow[]): readonly Point[] {
  const published = networks.flatMap(({ name, parameters, multiplyAdds, paper }) => {
    // Where a paper has several results, the first is that of a single crop or a single scale.
    const result = paper.results.find(
      ({ dataset, metric }) => dataset === 'ilsvrc2012' && metric === 'top-5 error',
    );
    if (!result) return [];
    const note = `${result.protocol} (${result.where})`;
    const { year } = paper;
    return [
      {
        network: name,
        year,
        parameters,
        multiplyAdds,
        error: result.error,
        source: 'published' as const,
        note,
      },
    ];
  });
  const measured = rows
    .filter(({ metric }) => metric === 'top-5 error')
    .map(({ network, year, parameters, multiplyAdds, error, protocol, remarks }) => {
      const note = [protocol, ...remarks].join('; ');
      return { network, year, parameters, multiplyAdds, error, source: 'measured here' as const, note };
    });
  return [...published, ...measured].map((point) => ({
    ...point,
    family: familyOf(point.network, networks),
    percent: 100 * point.error,
  }));
}

/** A label for each group, at its lowest point: the network's name, or the names of the families. */
function labelsOf(points: readonly Point[], groupOf: (point: Point) => string) {
  return [...new Set(points.map(groupOf))].map((name) => {
    const group = points.filter((point) => groupOf(point) === name);
    const lowest = group.reduce((least, point) => (point.error < least.error ? point : least));
    const networks = new Set(group.map(({ network }) => network));
    const families = new Set(group.map(({ family }) => family));
    return {
      ...lowest,
      label: [...(networks.size > 1 ? [...families].map((family) => `${family} …`) : networks)].join(', '),
    };
  });
}

function scatter(
  points: readonly Point[],
  labels: readonly (Point & { readonly label: string })[],
  x: typeof year | ReturnType<typeof logarithmic>,
  beside: { readonly align: 'right' | 'center'; readonly dx?: number; readonly dy?: number },
  behind: readonly (typeof rules | typeof ruleWords)[] = [],
): ChartSpec {
  const y = {
    field: 'percent',
    type: 'quantitative',
    title: 'top-5 error, %',
    axis: { tickCount: 6 },
  } as const;
  return {
    width: 330,
    height: 250,
    layer: [
      ...behind,
      {
        data: { values: [...points] },
        mark: { type: 'point', filled: true, size: 60, opacity: 0.85 },
        encoding: {
          x,
          y,
          color: { ...source, scale: { ...source.scale, range: ['#0072b2', '#d55e00'] } },
          shape: { ...source, scale: { ...source.scale, range: ['circle', 'diamond'] } },
        },
      },
      {
        data: { values: [...labels] },
        mark: { type: 'text', fontSize: 11, ...beside },
        encoding: { x, y, text: { field: 'label' } },
      },
    ],
  } as ChartSpec; // the types of ChartSpec do not accept readonly arrays
}

const source = {
  field: 'source',
  type: 'nominal',
  scale: { domain: ['published', 'measured here'] },
  legend: { title: null, orient: 'bottom' },
} as const;

const year = {
  field: 'year',
  type: 'quantitative',
  title: 'year',
  scale: { domain: [2010, 2015.5], nice: false },
  axis: { format: 'd', values: [2011, 2012, 2013, 2014, 2015], grid: false },
} as const;

function logarithmic(field: 'parameters' | 'multiplyAdds', title: string) {
  return {
    field,
    type: 'quantitative',
    title,
    scale: { type: 'log', nice: true },
    axis: { format: '~s', tickCount: 4, grid: false },
  } as const;
}

const atLandmark = { y: { field: 'percent', type: 'quantitative' } } as const;
const landmarkData = { values: landmarks.map(({ error, text }) => ({ percent: 100 * error, text })) };
const rules = {
  data: landmarkData,
  mark: { type: 'rule', strokeDash: [4, 3] },
  encoding: atLandmark,
} as const;
const ruleWords = {
  data: landmarkData,
  mark: { type: 'text', align: 'right', x: 330, dy: { expr: 'datum.percent > 26 ? -8 : 9' }, fontSize: 11 },
  encoding: { ...atLandmark, text: { field: 'text' } },
} as const;

function figuresOf(points: readonly Point[]): Figures {
  return {
    head: ['network', 'year', 'parameters', 'multiply-adds', 'top-5 error', 'of'],
    rows: points.map(({ network, year, parameters, multiplyAdds, error, source, note }) => [
      network,
      year,
      count(parameters),
      count(multiplyAdds),
      share(error),
      `${source}: ${note}`,
    ]),
  };
}
