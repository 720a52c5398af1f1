/** The report of one evaluation as one HTML file. */
import { count } from '../../../core/text/columns';
import { counted } from '../../../core/text/counted';
import { weightsText } from '../../../weights/not-loaded';
import { calibrationChart, rejectionChart, trainingCurves } from '../charts/run-charts';
import { html, type Content, type Html } from '../html';
import { code, definitions, interval, share } from '../parts/figures';
import { duration } from '../parts/result-part';
import { pageWith } from '../shell';
import { classTable, confusionList, confusionMatrix, shots } from './class-parts';
import type { RunPageData } from './run-page-data';

/**
 * The report of one evaluation as one self-contained HTML file, which works without a script: the error with its interval,
 * calibration, rejection and training as charts, each class’s figures, confusions down to their images, and the worst
 * mistakes. Of a thousand classes it shows the worst and the most confused.
 */
export async function runPage(data: RunPageData): Promise<string> {
  const { report, epochs, wrong, made } = data;
  const { network, dataset, calibration, rejection, mistakes } = report;
  const charts: readonly (Html | null)[] = [
    calibration && (await calibrationChart(calibration)),
    rejection.length > 0 && mistakes > 0 ? await rejectionChart(rejection) : null,
    ...(await trainingCurves(epochs)),
  ];
  const drawn = charts.filter((chart) => chart !== null);
  return pageWith({
    title: `${network} on ${dataset}: ${share(report.error)} error`,
    header: html`<h1>${network} on ${dataset}</h1>
      <p>${report.protocol}</p>`,
    main: html`${headline(report)} ${drawn.length > 0 && html`<div class="charts">${drawn}</div>`}
      ${
        wrong.worst.length > 0 &&
        html`<section aria-labelledby="worst">
          <h2 id="worst">The surest mistakes</h2>
          <p>Label → answer, those first whose answer is furthest ahead of the next class.</p>
          ${shots(wrong.worst, report.perClass)}
        </section>`
      }
      <section aria-labelledby="classes">
        <h2 id="classes">Classes</h2>
        ${classTable(report)}
      </section>
      <section aria-labelledby="confusions">
        <h2 id="confusions">Confusions</h2>
        ${
          mistakes === 0
            ? html`<p>No image is answered wrongly.</p>`
            : html`${confusionMatrix(report, wrong.pairs)}
                <h3>By their frequency</h3>
                ${confusionList(data)}`
        }
      </section>
      <section aria-labelledby="origin">
        <h2 id="origin">How it was measured</h2>
        ${factsPart(data)}
      </section>`,
    made,
    source: 'It is one file, and asks nothing of any network.',
    scripts: [],
  });
}

function headline(report: RunPageData['report']): Html {
  const { error, interval95, top5Error, topErrors = [], mistakes, images, averages } = report;
  const figures: readonly (readonly [string, Content])[] = [
    ['error', html`<b class="large">${share(error)}</b>`],
    ['95\u00a0% interval', interval(interval95)],
    ['mistakes', `${count(mistakes)} of ${counted(images, 'image')}`],
    ...(top5Error === null ? [] : [['top-5 error', share(top5Error)] as const]),
    ...topErrors.map(({ k, error: beyond }) => [`top-${k} error`, share(beyond)] as const),
    ['F1, mean of the classes', share(averages.macro.f1)],
  ];
  const warnings = warningsOn(report);
  return html`${definitions(figures, 'counts headline')}
  ${
    warnings.length > 0 &&
    html`<ul class="warnings">
      ${warnings.map((text) => html`<li>${text}</li>`)}
    </ul>`
  }`;
}

/** What could make the figures mean less. */
function warningsOn(report: RunPageData['report']): readonly string[] {
  const {
    synthetic,
    seenInTraining = 0,
    trainingUnknown = [],
    notLoaded = [],
    skippedImages = [],
    inverted,
  } = report;
  return [
    ...(synthetic ? ['The images were drawn by a program: errors on them say nothing about real ones.'] : []),
    ...(seenInTraining > 0
      ? [
          `${counted(seenInTraining, 'of the images', 'of the images')} served the training: the error says little about new images.`,
        ]
      : []),
    ...(trainingUnknown.length > 0
      ? [`Whether images served the training of ${trainingUnknown.join(', ')} cannot be told.`]
      : []),
    ...(notLoaded.length > 0 ? [`Not loaded, but drawn at random: ${weightsText(notLoaded)}.`] : []),
    ...(skippedImages.length > 0
      ? [
          `${counted(skippedImages.length, 'image')} could not be read, and ${skippedImages.length === 1 ? 'is' : 'are'} not counted.`,
        ]
      : []),
    ...(inverted !== undefined ? [`${counted(inverted, 'image')} dark on light, shown inverted.`] : []),
  ];
}

function factsPart({ report, device }: RunPageData): Html {
  const { run, protocol, calibration, seconds } = report;
  const facts: readonly (readonly [string, Content])[] = [
    ['weights', code(run)],
    ['protocol', protocol],
    ...(calibration
      ? [['calibration', `expected calibration error ${share(calibration.error)}`] as const]
      : []),
    ['computed on', `${device}; ${duration(seconds)}`],
  ];
  return definitions(facts, 'facts');
}
