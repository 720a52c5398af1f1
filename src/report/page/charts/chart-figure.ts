/** A chart in a page, with its figures as a table. */
import { chartSvg, type ChartSpec } from '../../charts/vega-chart';
import { html, trusted, type Html } from '../html';
import { table } from '../parts/table';

/** What a chart shows, for those who read it as a table. */
export interface Figures {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A chart with its caption, and its figures as a table to be opened. */
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

/** As wide as there is room, up to its own width. */
function scalable(svg: string): string {
  return svg.replace(/ width="([\d.]+)" height="[\d.]+"/, ' style="width: $1px"');
}
