/** The networks as pictures: a card for each that is no variant, with its drawing, its errors and its variants. */
import type { ComparedGroup } from '../../compare-groups';
import { count } from '../../../core/text/columns';
import { dataUri, html, type Html } from '../html';
import type { PageData } from '../page-data';
import { families } from './families';
import { share } from './figures';
import { anchorOf } from './lineage-figure';

/** A card for each network that is no variant of another; its variants are links in it. */
export function gallery(networks: PageData['networks'], groups: readonly ComparedGroup[]): Html {
  const drawings = new Map(networks.map(({ description, drawing }) => [description.name, drawing]));
  const cards = families(networks.map(({ description }) => description)).map(({ head, variants }) => {
    const { name, paper, parameters } = head;
    return html`<li class="card">
      <a class="pictured" href="#${anchorOf(name)}">
        <img src="${dataUri('image/svg+xml', Buffer.from(drawings.get(name)!))}" alt="" />
        <b>${name}</b> <span class="quiet">${paper.year}</span>
      </a>
      <p>${count(parameters)} parameters${measured(name, groups)}</p>
      ${
        variants.length > 0 &&
        html`<p class="variants">
          <span class="quiet">Variants:</span>
          ${variants.map((variant, at) => html`${at > 0 && ', '}<a href="#${anchorOf(variant.name)}">${variant.name}</a>`)}
        </p>`
      }
    </li>`;
  });
  return html`<ul class="gallery" role="list">
    ${cards}
  </ul>`;
}

/** The first group with a published error; else nothing, since errors of other images say little of the network. */
function measured(name: string, groups: readonly ComparedGroup[]): Html | null {
  const found = groups.find(({ lead }) => lead.network === name && lead.paper !== null);
  if (!found) return null;
  const { error, lead } = found;
  return html`; ${lead.metric} <b>${share(error)}</b> here, ${share(lead.paper!.error)} published`;
}
