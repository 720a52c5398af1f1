/** The page's table of all results. */
import { count } from '../../../core/text/columns';
import type { ComparedRow } from '../../compare';
import { html, type Content, type Html } from '../html';
import { anchorOf } from './lineage-figure';
import { resultCells } from './result-part';

const head = [
  'network',
  'parameters, multiply-adds',
  'images',
  'protocol',
  'ours',
  'the paper',
  'comparable?',
  'from',
] as const;

/**
 * The table of all rows of the comparison. On narrow screens each row becomes a card whose cells are labelled. Explicit
 * roles keep it a table for screen readers, since a changed `display` would remove the table semantics.
 */
export function comparisonTable(rows: readonly ComparedRow[]): Html {
  if (rows.length === 0) return html`<p>No report of a run or a model is there to compare.</p>`;
  return html`<table class="comparison" role="table" aria-label="networks beside their papers">
    <thead role="rowgroup">
      <tr role="row">
        ${head.map((cell) => html`<th scope="col" role="columnheader">${cell}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map((row) => rowOf(row))}
    </tbody>
  </table>`;
}

function rowOf(row: ComparedRow): Html {
  const { ours, paper, images, remarks, origin } = resultCells(row);
  const cells: readonly Content[] = [
    html`<a href="#${anchorOf(row.network)}">${row.network}</a><br /><span class="quiet">${row.year}</span>`,
    html`${count(row.parameters)}<br />${count(row.multiplyAdds)}`,
    images,
    row.protocol,
    ours,
    paper,
    remarks,
    html`<code>${row.run}</code>
      <details>
        <summary>command, commit, device</summary>
        ${origin}
      </details>`,
  ];
  return html`<tr role="row" data-report="${row.report}">
    ${cells.map((cell, at) => html`<td role="cell" data-head="${head[at]!}"><div>${cell}</div></td>`)}
  </tr>`;
}
