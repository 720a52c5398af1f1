/** The comparison as one HTML file. */
import { besideFigure } from './parts/beside-figure';
import { comparisonTable } from './parts/comparison-table';
import { gallery } from './parts/gallery';
import { html, type Html } from './html';
import { anchorOf, lineageFigure } from './parts/lineage-figure';
import { networkPart } from './parts/network-part';
import { groupsOf } from '../compare-groups';
import type { PageData } from './page-data';
import { ownScript, pageWith } from './shell';
import { top5Charts } from './charts/top5-charts';
import { underwayPart } from './parts/underway-part';

/**
 * The comparison as one self-contained HTML file: the first view shows errors beside the published ones and the lineage,
 * and each network's name leads to the part about it. It works without a script, but for sorting and filtering the table;
 * without a style sheet, and in print, all parts follow one another.
 * @param refreshes whether the page is served, and takes what its server has anew
 */
export async function comparisonPage(data: PageData, refreshes = false): Promise<string> {
  const { results, underway, made } = data;
  const networks = data.networks.map(({ description }) => description);
  const rows = results.map(({ row }) => row);
  const groups = groupsOf(rows);
  const charts = await top5Charts(networks, rows);
  const parts: Html[] = [];
  for (const network of data.networks) parts.push(await networkPart(network, networks, results));
  const named = new Set(rows.map(({ network }) => network));
  const others = networks.filter(({ name }) => !named.has(name));
  return pageWith({
    title: 'cnn-lineage: the classic networks beside their papers',
    header: html`<h1><a href="#top">cnn-lineage</a></h1>
      <p>
        The classic convolutional networks as published, and what they measure here beside what their papers
        report.
      </p>`,
    main: html`<div id="overview">
        ${await underwayPart(underway)}
        <section aria-labelledby="lineage" class="first">
          <div class="pictures">
            ${besideFigure(groups)}
            <figure class="descent">
              <figcaption>
                Who took up whom: one line to AlexNet, then the same layers stacked deeper, and stronger
                modules in place of a layer
              </figcaption>
              ${lineageFigure(networks)}
            </figure>
          </div>
          <h2 id="lineage">The networks</h2>
          ${gallery(data.networks, groups)}
        </section>
        <section aria-labelledby="comparison">
          <h2 id="comparison">Beside their papers</h2>
          <p>
            Errors with Wilson’s 95&nbsp;% interval, or the mean of several runs with its spread. “What
            differs” keeps a figure here from being held against the published one.
          </p>
          ${comparisonTable(groups)}
          ${
            others.length > 0 &&
            html`<p>
              No run is on file of
              ${others.map(({ name }, at) => html`${at > 0 ? ', ' : ''}<a href="#${anchorOf(name)}">${name}</a>`)}.
            </p>`
          }
        </section>
        <section aria-labelledby="imagenet">
          <h2 id="imagenet">Top-5 error on ImageNet</h2>
          <div class="charts">${charts}</div>
        </section>
      </div>
      ${parts}`,
    made,
    source: 'Every figure measured here is from a report that its line names.',
    scripts: [ownScript('table.js'), ...(refreshes ? [ownScript('refresh.js')] : [])],
    served: refreshes,
  });
}
