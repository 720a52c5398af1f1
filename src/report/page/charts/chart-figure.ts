/** A chart in a page, with its figures as a table. */
import { chartSvg, type ChartSpec } from '../../charts/vega-chart';
import { html, trusted, type Html } from '../html';
import { table } from '../parts/table';

/** The figures of a chart, for readers who prefer a table. */
export interface Figures {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A chart with its caption, and a table of its figures that the reader can unfold. */
export async function chartFigure(caption: string, spec: ChartSpec, figures: Figures | null): Promise<Html> {
  const svg = await chartSvg(spec, 'currentColor');
  return html`<figure class="chart">
    <figcaption>${caption}</figcaption>
    <div role="img" aria-label="${caption}">${trusted(scalable(svg))}</div>
    ${figures && figureTable(figures)}
  </figure>`;
}

function figureTable({ head, rows }: Figures): Html {
  return html`<details>
    <summary>The figures</summary>
    ${table({ label: 'figures of the chart', head, rows })}
  </details>`;
}

/** Makes an SVG as wide as the space allows, up to its own width. */
function scalable(svg: string): string {
  return svg.replace(/ width="([\d.]+)" height="[\d.]+"/, ' style="width: $1px"');
}
