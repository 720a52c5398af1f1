/** Tables of the page. */
import { html, type Content, type Html } from '../html';

export interface Table {
  /** The label for screen readers. */
  readonly label: string;
  readonly head: readonly Content[];
  readonly rows: readonly (readonly Content[])[];
  /** Columns of numbers, which are right-aligned. */
  readonly numbers?: readonly number[];
}

/** A table that scrolls on its own when it is wider than the page. */
export function table({ label, head, rows, numbers = [] }: Table): Html {
  const classOf = (column: number) => numbers.includes(column) && html` class="number"`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table>
      <thead>
        <tr>
          ${head.map((cell, at) => html`<th scope="col" ${classOf(at)}>${cell}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell, at) => html`<td${classOf(at)}>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
