import { chartSvg, type ChartSpec } from '../report/vega-chart';
import { html, trusted, type Html } from './html';

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
    <div class="scroll" tabindex="0" role="region" aria-label="figures of the chart">
      <table>
        <thead>
          <tr>
            ${head.map((cell) => html`<th scope="col">${cell}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                ${row.map((cell) => html`<td>${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}

/** As wide as there is room, up to its own width. */
function scalable(svg: string): string {
  return svg.replace(/ width="([\d.]+)" height="[\d.]+"/, ' style="width: $1px"');
}
