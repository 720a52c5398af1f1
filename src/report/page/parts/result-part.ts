/** The part of the page about one result. */
import { count } from '../../../core/text/columns';
import { percent } from '../../../evaluate/evaluation-text';
import { dataUri, html, type Content, type Html } from '../html';
import type { Image, Result } from '../page-data';
import { confusionChart, rejectionChart, trainingCurves } from '../charts/run-charts';
import type { ComparedRow } from '../../compare';

/** The most classes whose errors are listed one by one. */
const mostListed = 10;

/** The part of the page about one row of the comparison. */
export async function resultPart({ row, evaluation, epochs, images }: Result): Promise<Html> {
  const { perClass = [], confusion = [], rejection = [], calibration } = evaluation;
  const cells = resultCells(row);
  const charts: (Html | null)[] = [
    ...(await trainingCurves(epochs)),
    await confusionChart(perClass, confusion),
    rejection.length > 0 ? await rejectionChart(rejection) : null,
  ];
  const facts: readonly (readonly [string, Content])[] = [
    ['ours', cells.ours],
    ['the paper', cells.paper],
    ['images', cells.images],
    ['protocol', row.protocol],
    ['comparable?', cells.remarks],
    ...(calibration
      ? [['calibration', `expected calibration error ${percent(calibration.error)}`] as const]
      : []),
    ['from', cells.origin],
    ['report', html`<code>${row.report}</code>`],
  ];
  return html`<section class="result">
    <h4>${row.dataset}: ${row.protocol}</h4>
    <dl>
      ${facts.map(
        ([what, value]) =>
          html`<div>
            <dt>${what}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    <div class="charts">${charts.filter((chart) => chart !== null)}</div>
    ${perClass.length > mostListed && worstClasses(perClass)} ${images.map(imageFigure)}
  </section>`;
}

function worstClasses(perClass: NonNullable<Result['evaluation']['perClass']>): Html {
  const share = ({ mistakes, images }: (typeof perClass)[number]) => mistakes / (images || 1);
  const worst = [...perClass].sort((one, other) => share(other) - share(one)).slice(0, mostListed);
  return html`<p>
    Classes with most mistakes:
    ${worst.map(({ label, mistakes, images }) => `${label} (${count(mistakes)} of ${count(images)})`).join(', ')}.
  </p>`;
}

function imageFigure({ kind, caption, type, bytes }: Image): Html {
  return html`<figure class="image ${kind}">
    <figcaption>${caption}</figcaption>
    <div class="scroll" tabindex="0" role="region" aria-label="${caption}">
      <img src="${dataUri(type, bytes)}" alt="${caption}" loading="lazy" />
    </div>
  </figure>`;
}

/** The cells of a row of the comparison as text, by column. */
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
