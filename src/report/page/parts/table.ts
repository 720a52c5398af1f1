/** Tables of the page. */
import { html, type Content, type Html } from '../html';

export interface Table {
  /** The label for screen readers. */
  readonly label: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Content[])[];
  /** Columns of numbers, which are right-aligned. */
  readonly numbers?: readonly number[];
  /**
   * Whether its cells hold sentences: on narrow screens each row then becomes a block whose cells are labelled, where
   * other tables scroll. Explicit roles keep it a table for screen readers.
   */
  readonly sentences?: boolean;
}

/** A table that scrolls on its own when it is wider than the page. */
export function table({ label, head, rows, numbers = [], sentences = false }: Table): Html {
  const classOf = (column: number) => numbers.includes(column) && html` class="number"`;
  const role = (name: string) => sentences && html` role="${name}"`;
  const grid = html`<table${sentences && html` class="sentences" role="table" aria-label="${label}"`}>
    <thead${role('rowgroup')}>
      <tr${role('row')}>
        ${head.map((cell, at) => html`<th scope="col" ${role('columnheader')} ${classOf(at)}>${cell}</th>`)}
      </tr>
    </thead>
    <tbody${role('rowgroup')}>
      ${rows.map(
        (row) =>
          html`<tr${role('row')}>
            ${row.map(
              (cell, at) =>
                html`<td${role('cell')}${classOf(at)}${sentences && html` data-head="${head[at]!}"`}>${cell}</td>`,
            )}
          </tr>`,
      )}
    </tbody>
  </table>`;
  if (sentences) return grid;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">${grid}</div>`;
}
