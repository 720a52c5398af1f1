/** Renders chart specifications to SVG with Vega, in the style that all charts share. */
import type { TopLevelSpec } from 'vega-lite' with { 'resolution-mode': 'import' };
import { escaped } from '../../describe/draw/svg';

/** A chart as a Vega-Lite specification, without the settings that all charts here share. */
export type ChartSpec = TopLevelSpec;

/** A palette that people with colour blindness can distinguish (M. Okabe, K. Ito, Color universal design, 2008). */
export const chartColours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] as const;

const font = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

/**
 * Unicode noncharacters, which no text contains: a prefix, and replacements for two characters that Vega cannot parse.
 */
const mark = '\ufdd0';
const stand: readonly (readonly [of: string, by: string])[] = [
  ['\u2028', '\ufdd1'],
  ['\u2029', '\ufdd2'],
];

/**
 * Makes the texts of a specification safe for Vega. Vega looks values up in plain objects, where a name such as
 * `constructor` finds an inherited property; such names get a prefix.
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

/** Restores the texts that `forVega` changed. */
function fromVega(svg: string): string {
  return stand.reduce((so, [of, by]) => so.replaceAll(by, of), svg.replaceAll(mark, ''));
}

/**
 * Draws a chart as an SVG without roles and ARIA labels: the markup around it serves screen readers.
 * @param ink the colour of axes and text; `currentColor` takes the colour of the surrounding page
 */
export async function chartSvg(spec: ChartSpec, ink = '#222222'): Promise<string> {
  // Both are ES modules, and one uses top-level await, so they cannot be loaded with `require`.
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
 * Draws a chart as a stand-alone SVG file, on white.
 * @param title the label for screen readers
 */
export async function chartFile(spec: ChartSpec, title: string): Promise<string> {
  const svg = await chartSvg({ ...spec, background: '#ffffff' });
  const titled = svg.replace(
    /^<svg [^>]*/,
    (opening) => `${opening} role="img"><title>${escaped(title)}</title`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${titled}\n`;
}
