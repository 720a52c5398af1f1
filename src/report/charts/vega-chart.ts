/** Turns descriptions of charts into SVG by vega, with the style that all charts share. */
import type { TopLevelSpec } from 'vega-lite';
import { escaped } from '../../describe/draw/svg';

/** A chart as vega-lite describes it, without what all charts here share. */
export type ChartSpec = TopLevelSpec;

/** Colours that people tell apart who see few (M. Okabe, K. Ito, Color universal design, 2008). */
export const chartColours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] as const;

const font = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

/** Characters that no text has, for Unicode keeps them free: a mark, and what stands for two that Vega cannot parse. */
const mark = '\ufdd0';
const stand: readonly (readonly [of: string, by: string])[] = [
  ['\u2028', '\ufdd1'],
  ['\u2029', '\ufdd2'],
];

/**
 * A specification whose texts Vega can take. It looks values up in objects, where it would find a `constructor` that nobody
 * has put there: such names bear a mark.
 */
function forVega<T>(value: T): T;
function forVega(value: unknown): unknown {
  if (typeof value === 'string') {
    const text = stand.reduce((so, [of, by]) => so.replaceAll(of, by), value);
    return text in Object.prototype ? mark + text : text;
  }
  if (Array.isArray(value)) return value.map((each: unknown) => forVega(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, forVega(each)]));
}

/** The texts of a drawing as they were before `forVega`. */
function fromVega(svg: string): string {
  return stand.reduce((so, [of, by]) => so.replaceAll(by, of), svg.replaceAll(mark, ''));
}

/**
 * Draws a chart as an SVG. What it says to readers of screens stands around it.
 * @param ink the colour of axes and words; `currentColor` takes that of the page around it
 */
export async function chartSvg(spec: ChartSpec, ink = '#222222'): Promise<string> {
  // Both are ES modules, of which one awaits at its top level: no file that is required can import them at once.
  const [{ parse, View }, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const { spec: compiled } = compile(forVega(spec), {
    config: {
      font,
      background: 'transparent',
      view: { stroke: null },
      axis: {
        labelColor: ink,
        titleColor: ink,
        domainColor: ink,
        tickColor: ink,
        gridColor: ink,
        gridOpacity: 0.15,
        labelFontSize: 11,
        titleFontSize: 12,
        titleFontWeight: 'normal',
      },
      legend: { labelColor: ink, titleColor: ink, labelFontSize: 11, titleFontSize: 11 },
      title: {
        color: ink,
        subtitleColor: ink,
        fontSize: 15,
        subtitleFontSize: 13,
        anchor: 'start',
        offset: 14,
      },
      text: { color: ink },
      rule: { color: ink },
      mark: { color: chartColours[0] },
      range: { category: [...chartColours] },
    },
  });
  const svg = await new View(parse(compiled), { renderer: 'none' }).toSVG();
  return fromVega(svg).replaceAll(/<[^<>]+>/g, (tag) => tag.replaceAll(/ (?:role|aria-[a-z]+)="[^"]*"/g, ''));
}

/**
 * Draws a chart as an SVG file, which is looked at alone: on white.
 * @param title what readers of screens say
 */
export async function chartFile(spec: ChartSpec, title: string): Promise<string> {
  const svg = await chartSvg({ ...spec, background: '#ffffff' });
  const titled = svg.replace(
    /^<svg [^>]*/,
    (opening) => `${opening} role="img"><title>${escaped(title)}</title`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${titled}\n`;
}
