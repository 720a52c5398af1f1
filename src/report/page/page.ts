/** The comparison as one HTML file. */
import type { NetworkDescription } from '../../describe/describe-network';
import { comparisonTable } from './parts/comparison-table';
import { families } from './parts/families';
import { html, trusted, type Html } from './html';
import { anchorOf, lineageFigure } from './parts/lineage-figure';
import { networkPart } from './parts/network-part';
import type { PageData } from './page-data';
import { style } from './style';
import { top5Charts } from './charts/top5-charts';
import { underwayPart } from './parts/underway-part';

/**
 * The comparison as one self-contained HTML file: the first view shows the networks and their papers, and each
 * network's name leads to the part about it. Without a style sheet, and in print, all parts follow one another.
 * @param script JavaScript that runs in a served page; a page in a file has none
 */
export async function comparisonPage(data: PageData, script = ''): Promise<string> {
  const { results, underway, made } = data;
  const networks = data.networks.map(({ description }) => description);
  const rows = results.map(({ row }) => row);
  const charts = await top5Charts(networks, rows);
  const parts: Html[] = [];
  for (const network of data.networks) parts.push(await networkPart(network, networks, results));
  const named = new Set(rows.map(({ network }) => network));
  const others = networks.filter(({ name }) => !named.has(name));
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>cnn-lineage: the classic networks beside their papers</title>
        <link rel="icon" href="data:," />
        <style>
          ${trusted(style)}
        </style>
      </head>
      <body>
        <header id="top">
          <h1><a href="#top">cnn-lineage</a></h1>
          <p>
            The classic convolutional networks as published, and what they measure here beside what their
            papers report.
          </p>
        </header>
        <main>
          <div id="overview">
            ${await underwayPart(underway)}
            <section aria-labelledby="lineage" class="lineage-part">
              <div>
                <h2 id="lineage">The lineage</h2>
                <p>
                  One network after the other, from the neocognitron to AlexNet, and from there two lines: the
                  same layers stacked deeper, and stronger modules in place of a layer. Each leads to its
                  drawing, its layers, what its paper leaves open, and its runs.
                </p>
                ${lineageList(networks)}
              </div>
              ${lineageFigure(networks)}
            </section>
            <section aria-labelledby="comparison">
              <h2 id="comparison">Beside their papers</h2>
              <p>
                Errors with Wilson’s 95 % interval. Where ours and the paper’s are not to be held against each
                other, the row says why.
              </p>
              ${comparisonTable(rows)}
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
          ${parts}
        </main>
        <footer>
          <p>
            Made by
            <code>${made.command}</code>${made.commit && html` at commit <code>${made.commit}</code>`},
            <time datetime="${made.at.toISOString()}"
              >${made.at.toISOString().slice(0, 16).replace('T', ' ')} UTC</time
            >. Every figure measured here is from a report that its row names.
          </p>
        </footer>
        ${
          script !== '' &&
          html`<script>
            ${trusted(script)};
          </script>`
        }
      </body>
    </html> `;
  return page.markup;
}

/** All networks with their years, variants below the network that they vary. */
function lineageList(networks: readonly NetworkDescription[]): Html {
  const link = (name: string) => html`<a href="#${anchorOf(name)}">${name}</a>`;
  return html`<ul class="families">
    ${families(networks).map(
      ({ head, variants }) =>
        html`<li>
          ${link(head.name)} <span class="quiet">${head.paper.year}</span>
          ${
            variants.length > 0 &&
            html`<ul>
              ${variants.map(({ name }) => html`<li>${link(name)}</li>`)}
            </ul>`
          }
        </li>`,
    )}
  </ul>`;
}
