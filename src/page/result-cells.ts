import { count } from '../report/columns';
import type { ComparedRow } from '../report/compare';
import { percent } from '../report/evaluation-text';
import { html, type Content, type Html } from './html';

/** What a row of the comparison says, in words, by what it is called. */
export function resultCells(row: ComparedRow): {
  readonly ours: Html;
  readonly paper: Content;
  readonly images: string;
  readonly remarks: Content;
  readonly origin: Html;
} {
  const [low, high] = row.interval95;
  return {
    ours: html`<b>${percent(row.error)}</b> ${row.metric}<br /><span class="quiet"
        >${percent(low)} to ${percent(high)}</span
      >`,
    paper: row.paper
      ? html`<b>${percent(row.paper.error)}</b><br /><span class="quiet"
            >${row.paper.protocol}; ${row.paper.where}</span
          >`
      : 'none',
    images: `${count(row.images)} of ${row.dataset}`,
    remarks: row.remarks.length > 0 ? `no: ${row.remarks.join('; ')}` : 'yes',
    origin: html`<code>${row.command}</code><br /><span class="quiet"
        >${row.commit ? html`commit <code>${row.commit}</code>` : 'commit not known'};
        ${row.device}${row.seconds === null ? '' : `; ${duration(row.seconds)}`}</span
      >`,
  };
}

/** `95 s`, `12 min` or `3.2 h`. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
