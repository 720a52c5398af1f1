import { count } from '../report/columns';
import { percent } from '../report/evaluation-text';
import { dataUri } from './data-uri';
import { html, type Content, type Html } from './html';
import type { Picture, Result } from './page-data';
import { resultCells } from './result-cells';
import { confusionChart, rejectionChart, trainingCurves } from './run-charts';

/** The most classes whose errors are listed one by one. */
const mostListed = 10;

/** What is known of one line of the comparison. */
export async function resultPart({ row, evaluation, epochs, pictures }: Result): Promise<Html> {
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
    ${perClass.length > mostListed && worstClasses(perClass)} ${pictures.map(pictureFigure)}
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

function pictureFigure({ kind, caption, type, bytes }: Picture): Html {
  return html`<figure class="picture ${kind}">
    <figcaption>${caption}</figcaption>
    <div class="scroll" tabindex="0" role="region" aria-label="${caption}">
      <img src="${dataUri(type, bytes)}" alt="${caption}" loading="lazy" />
    </div>
  </figure>`;
}
