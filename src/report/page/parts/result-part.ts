/** The part of the page about one result. */
import { count } from '../../../core/text/columns';
import { html, type Content, type Html } from '../html';
import type { Result } from '../page-data';
import { confusionChart, rejectionChart, trainingCurves } from '../charts/run-charts';
import type { ComparedRow } from '../../compare';
import { interval, code, definitions, resultAnchor, share } from './figures';
import { imageFigure } from './image-figure';

/** The most classes whose errors are listed one by one. */
const mostListed = 10;

/**
 * The part of the page about one row of the comparison, folded.
 * @param open whether it is shown unfolded
 */
export async function resultPart({ row, evaluation, epochs, images }: Result, open: boolean): Promise<Html> {
  const { perClass = [], confusion = [], rejection = [], calibration } = evaluation;
  const charts: (Html | null)[] = [
    ...(await trainingCurves(epochs)),
    await confusionChart(perClass, confusion),
    rejection.length > 0 ? await rejectionChart(rejection) : null,
  ];
  const facts: readonly (readonly [string, Content])[] = [
    ['here', html`<b>${share(row.error)}</b> ${row.metric}; ${interval(row.interval95)}`],
    ...(row.seeds.length > 0 ? [['seeds', seedsText(row)] as const] : []),
    ['published', publishedText(row)],
    ['images', `${count(row.images)} of ${row.dataset}`],
    ['protocol', row.protocol],
    ['what differs', row.remarks.length > 0 ? row.remarks.join('; ') : 'nothing'],
    ...(calibration
      ? [['calibration', `expected calibration error ${share(calibration.error)}`] as const]
      : []),
    ['from', originOf(row)],
    ['report', code(row.report)],
  ];
  return html`<details class="result" data-key="result ${row.report}" ${open && html` open`}>
    <summary>
      <b>${share(row.error)}</b>${row.paper && html` beside ${share(row.paper.error)}`}
      <span class="quiet">${row.dataset}, ${row.experiment ?? row.run.split('/').at(-1)!}</span>
    </summary>
    <section id="${resultAnchor(row.report)}">
      <h4>${row.dataset}: ${row.protocol}</h4>
      ${definitions(facts)}
      <div class="charts">${charts.filter((chart) => chart !== null)}</div>
      ${perClass.length > mostListed && worstClasses(perClass)}
      <div class="images">
        ${images.map(({ kind, caption, type, bytes }) => imageFigure({ caption, type, bytes, of: kind }))}
      </div>
    </section>
  </details>`;
}

function worstClasses(perClass: NonNullable<Result['evaluation']['perClass']>): Html {
  const wrong = ({ mistakes, images }: (typeof perClass)[number]) => mistakes / (images || 1);
  const worst = [...perClass].sort((one, other) => wrong(other) - wrong(one)).slice(0, mostListed);
  return html`<p>
    Classes with most mistakes:
    ${worst.map(({ label, mistakes, images }) => `${label} (${count(mistakes)} of ${count(images)})`).join(', ')}.
  </p>`;
}

function seedsText({ seeds, deviation }: ComparedRow): string {
  const each = seeds.map(({ seed, error }) => `seed\u00a0${seed}: ${share(error)}`).join(', ');
  return deviation === null ? each : `${each}; deviation ${share(deviation)}`;
}

/** The published error with its protocol and place, or that there is none. */
export function publishedText({ paper }: ComparedRow): Content {
  if (!paper) return 'none for these images';
  return html`<b>${share(paper.error)}</b>, ${paper.protocol}; ${paper.where}`;
}

/** The command, the commit, the device and the time that a row comes from. */
export function originOf({ command, commit, device, seconds }: ComparedRow): Html {
  const time = seconds === null ? '' : `; ${duration(seconds)}`;
  return html`${code(command)}<br /><span class="quiet"
      >${commit ? html`commit <code>${commit}</code>` : 'commit not known'}; ${device}${time}</span
    >`;
}

/** `95 s`, `12 min` or `3.2 h`. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
