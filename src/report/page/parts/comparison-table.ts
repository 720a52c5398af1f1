/** The page's table of all results: a line for each group of runs, which unfolds to its single runs. */
import { count } from '../../../core/text/columns';
import { counted } from '../../../core/text/counted';
import type { ComparedGroup } from '../../compare-groups';
import type { ComparedRow } from '../../compare';
import { html, type Content, type Html } from '../html';
import { interval, code, definitions, resultAnchor, share, spreadOf } from './figures';
import { originOf, publishedText } from './result-part';

/** The columns, by what sorts their lines; the last holds what unfolds a line. */
const columns = {
  year: 'Year',
  network: 'Network',
  dataset: 'Images',
  error: 'Here',
  published: 'Published',
  differs: 'What differs',
} as const;

/**
 * The table of all groups. On narrow screens each line becomes a card. Explicit roles keep it a table for screen readers,
 * since a changed `display` would remove the table semantics. The script `table.js` sorts and filters it; without a script
 * its lines stand in the order of years, and unfold all the same.
 */
export function comparisonTable(groups: readonly ComparedGroup[]): Html {
  if (groups.length === 0) return html`<p>No report of a run or a model is there to compare.</p>`;
  return html`${controls(groups)}
    <table class="comparison" role="table" aria-label="networks beside their papers">
      <thead role="rowgroup">
        <tr role="row">
          ${Object.entries(columns).map(
            ([key, name]) =>
              html`<th
                scope="col"
                role="columnheader"
                data-sort="${key}"
                ${key === 'year' && html` aria-sort="ascending"`}
              >
                ${name}
              </th>`,
          )}
          <th scope="col" role="columnheader"><span class="unseen">Details</span></th>
        </tr>
      </thead>
      ${groups.map(groupLines)}
    </table>`;
}

/** Shown by the script, since they do nothing without it. */
function controls(groups: readonly ComparedGroup[]): Html {
  const datasets = [...new Set(groups.map(({ lead }) => setOf(lead)))].sort();
  return html`<form class="controls" role="search" aria-label="lines of the table" hidden>
    <label
      >Find <input type="search" name="words" placeholder="network, images, run" autocomplete="off"
    /></label>
    <label
      >Images
      <select name="dataset">
        <option value="">all</option>
        ${datasets.map((name) => html`<option>${name}</option>`)}
      </select></label
    >
    <label class="narrow"
      >Sort by
      <select name="sort">
        ${Object.entries(columns).map(([key, name]) => html`<option value="${key}">${name.toLowerCase()}</option>`)}
      </select></label
    >
    <label class="box"><input type="checkbox" name="published" /> with a published figure only</label>
    <button type="reset">Show all</button>
    <output role="status"></output>
  </form>`;
}

/** The published name of the data set, without the part of it. */
function setOf({ dataset }: ComparedRow): string {
  return dataset.split(' ')[0]!;
}

function groupLines(group: ComparedGroup): Html {
  const { name, lead, error, interval95, runs, rows } = group;
  const { network, year, paper, remarks } = lead;
  const spread = spreadOf(group);
  const unfolds = rows.length > 1 || runs.length > 1 ? counted(runs.length, 'run') : 'details';
  const words = [name, network, lead.dataset, ...rows.flatMap(({ run, remarks }) => [run, ...remarks])].join(
    ' ',
  );
  return html`<tbody
    role="rowgroup"
    data-key="${lead.report}"
    data-year="${year}"
    data-network="${network}"
    data-dataset="${setOf(lead)}"
    data-error="${error}"
    data-published="${paper ? paper.error : ''}"
    data-differs="${remarks.length}"
    data-words="${words.toLowerCase()}"
  >
    <tr role="row" class="line">
      ${cell('year', html`<span class="quiet">${year}</span>`)}
      ${cell(
        'network',
        html`<a href="#${resultAnchor(lead.report)}">${network}</a
          >${name !== network && html`<span class="quiet run">${name}</span>`}`,
      )}
      ${cell('dataset', html`${count(lead.images)} of ${lead.dataset}`)}
      ${cell(
        'error',
        html`<b>${share(error)}</b> <span class="metric">${lead.metric}</span
          ><span class="quiet below">${spread ?? interval(interval95)}</span>`,
      )}
      ${cell(
        'published',
        paper ? html`<b>${share(paper.error)}</b><span class="quiet below">${paper.protocol}</span>` : 'none',
      )}
      ${cell('differs', remarks.length > 0 ? remarks.join('; ') : 'nothing')}
      <td role="cell" class="fold">
        <details>
          <summary>${unfolds}<span class="unseen"> of ${name}, ${lead.protocol}</span></summary>
        </details>
      </td>
    </tr>
    <tr role="row" class="more">
      <td role="cell" colspan="7">${moreOf(group)}</td>
    </tr>
  </tbody>`;
}

function cell(key: keyof typeof columns, content: Content): Html {
  return html`<td role="cell" class="${key}" data-head="${columns[key]}"><div>${content}</div></td>`;
}

/** What a line unfolds to: the facts that its runs share, and each run with its origin. */
function moreOf({ lead, rows, runs, interval95 }: ComparedGroup): Html {
  const { parameters, multiplyAdds, protocol } = lead;
  const facts: readonly (readonly [string, Content])[] = [
    ['network', `${count(parameters)} parameters, ${count(multiplyAdds)} multiply-adds`],
    ['protocol', protocol],
    ['published', publishedText(lead)],
    ...(runs.length > 1 ? [['interval', interval(interval95)] as const] : []),
  ];
  return html`${definitions(facts, 'facts')} ${rows.map(runOf)}`;
}

/** A run, or an experiment with its seeds. */
function runOf(row: ComparedRow): Html {
  const { report, run, error, interval95, seed, seeds } = row;
  return html`<div class="one-run" data-report="${report}">
    <p>
      ${code(run)}${seed !== null && `, seed ${seed}`}: <b>${share(error)}</b>
      <span class="quiet">${interval(interval95)}</span>
      <a href="#${resultAnchor(report)}">curves, images<span class="unseen"> of ${report}</span></a>
    </p>
    ${
      seeds.length > 0 &&
      html`<ul class="seeds" role="list">
        ${seeds.map((one) => html`<li>seed ${one.seed}: <b>${share(one.error)}</b></li>`)}
      </ul>`
    }
    <p class="origin">${originOf(row)}</p>
  </div>`;
}
