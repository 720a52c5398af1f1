/** The part of the page about runs that have not ended. */
import { counted } from '../../../core/text/counted';
import { chartFigure } from '../charts/chart-figure';
import { html, type Html } from '../html';
import { anchorOf } from './lineage-figure';
import type { Underway } from '../page-data';
import { trainingCurves } from '../charts/run-charts';

/** Runs that are still training, or were interrupted, with their progress. */
export async function underwayPart(runs: readonly Underway[]): Promise<Html | null> {
  if (runs.length === 0) return null;
  const parts: Html[] = [];
  for (const run of runs) parts.push(await runPart(run));
  return html`<section aria-labelledby="underway">
    <h2 id="underway">Not finished yet</h2>
    ${parts}
  </section>`;
}

async function runPart({ run, network, data, epochsPlanned, epochs, updates }: Underway): Promise<Html> {
  const values = updates.map(({ step, loss }) => ({ step, loss }));
  const losses =
    values.length === 0
      ? null
      : await chartFigure(
          'Loss of single updates',
          {
            width: 330,
            height: 200,
            data: { values },
            mark: { type: 'line', strokeWidth: 1.5 },
            encoding: {
              x: { field: 'step', type: 'quantitative', title: 'update', axis: { grid: false } },
              y: { field: 'loss', type: 'quantitative' },
            },
          },
          null,
        );
  return html`<section class="result" data-run="${run}">
    <h3><a href="#${anchorOf(network)}">${network}</a> on ${data}</h3>
    <p>${epochs.length} of ${counted(epochsPlanned, 'epoch')} done; <code>${run}</code></p>
    <div class="charts">${await trainingCurves(epochs)} ${losses}</div>
  </section>`;
}
