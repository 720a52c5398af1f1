/** The figure of all errors beside the published ones: a line for each group, on one scale. */
import type { ComparedGroup } from '../../compare-groups';
import { html, type Html } from '../html';
import { share, spreadOf } from './figures';
import { anchorOf } from './lineage-figure';

/**
 * The groups that have a published error, the last year's last: ours as a dot on its interval, the published error as a
 * diamond, on a logarithmic scale. It is built of boxes, so that its text keeps its size on narrow screens. Null if no
 * group has a published error.
 */
export function besideFigure(groups: readonly ComparedGroup[]): Html | null {
  const shown = groups.filter(({ lead, error }) => lead.paper !== null && error > 0 && !learnedFrom(lead));
  if (shown.length === 0) return null;
  const values = shown.flatMap(({ lead, error, interval95 }) => [error, lead.paper!.error, ...interval95]);
  const scale = scaleOf(values.filter((value) => value > 0));
  const ticks = [0.0001, 0.001, 0.01, 0.1, 1].filter((value) => value >= scale.least && value <= scale.most);
  const at = (value: number) => `${scale.place(value).toFixed(2)}%`;
  return html`<figure class="beside">
    <figcaption id="beside">
      Errors here, <span class="mark ours" aria-hidden="true"></span> on their 95&nbsp;% intervals, beside the
      published, <span class="mark published" aria-hidden="true"></span>
    </figcaption>
    <ul role="list">
      ${shown.map((group) => line(group, at, ticks))}
    </ul>
    <div class="axis" aria-hidden="true">
      ${ticks.map((tick) => html`<span style="left: ${at(tick)}">${100 * tick}&nbsp;%</span>`)}
    </div>
  </figure>`;
}

/** Errors on images of the training say little beside published ones; the table has them. */
function learnedFrom({ dataset }: ComparedGroup['lead']): boolean {
  return /\btrain$/.test(dataset);
}

function line(group: ComparedGroup, at: (value: number) => string, ticks: readonly number[]): Html {
  const { name, lead, error, interval95 } = group;
  const published = lead.paper!.error;
  const [low, high] = interval95;
  const spread = spreadOf(group);
  return html`<li>
    <a
      href="#${anchorOf(lead.network)}"
      title="${lead.remarks.length > 0 ? lead.remarks.join('; ') : 'nothing differs'}"
    >
      <span class="who"
        >${lead.network}${name !== lead.network && html` <span class="quiet">${name}</span>`}</span
      >
      <span class="track" aria-hidden="true">
        ${ticks.map((tick) => html`<i class="tick" style="left: ${at(tick)}"></i>`)}
        <i class="bar" style="left: ${at(low)}; right: calc(100% - ${at(high)})"></i>
        <i class="mark published" style="left: ${at(published)}"></i>
        <i class="mark ours" style="left: ${at(error)}"></i>
      </span>
      <span class="figures"
        ><b>${share(error)}</b><span class="unseen">${spread && `, ${spread}`}, published</span>
        <span class="quiet">${share(published)}</span></span
      >
    </a>
  </li>`;
}

/** A logarithmic scale from below the least value to above the greatest, in percent of the width. */
function scaleOf(values: readonly number[]) {
  const [least, most] = [Math.min(...values) / 1.25, Math.min(1, Math.max(...values) * 1.25)];
  const width = Math.log(most / least);
  return {
    least,
    most,
    place: (value: number) => (100 * Math.log(Math.max(value, least) / least)) / width,
  };
}
