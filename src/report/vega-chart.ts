import type { TopLevelSpec } from 'vega-lite';
import { escaped } from './draw-svg';

/** A chart as vega-lite describes it, without what all charts here share. */
export type ChartSpec = TopLevelSpec;

/** Colours that people tell apart who see few (M. Okabe, K. Ito, Color universal design, 2008). */
export const chartColours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] as const;

const font = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

/**
 * Draws a chart as an SVG. What it says to readers of screens stands around it.
 * @param ink the colour of axes and words; `currentColor` takes that of the page around it
 */
export async function chartSvg(spec: ChartSpec, ink = '#222222'): Promise<string> {
  // Both are ES modules, of which one awaits at its top level: no file that is required can import them at once.
  const [{ parse, View }, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const { spec: compiled } = compile(spec, {
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
  return svg.replaceAll(/<[^<>]+>/g, (tag) => tag.replaceAll(/ (?:role|aria-[a-z]+)="[^"]*"/g, ''));
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
