/** The figure that shows which network followed from which. */
import { html, type Html } from '../html';
import {
  arrowTo,
  lineageMap,
  mapHeight,
  mapSize,
  middles,
  topOf,
  type Named,
  type Placed,
} from './lineage-map';

const lineNames = { deeper: ['deeper'], modules: ['stronger', 'modules'] } as const;

/**
 * The networks in order of descent, from top to bottom. Each box of the figure links to the network's part of the page:
 * see `anchorOf`.
 * @throws Error when a network comes after one that is not there
 */
export function lineageFigure(networks: readonly Named[]): Html {
  const placed = lineageMap(networks);
  return html`<svg
    class="lineage"
    viewBox="0 0 ${mapSize.width} ${mapHeight(placed)}"
    role="group"
    aria-label="the networks, each after the one that it takes up"
  >
    ${placed.map(arrow)} ${placed.map(boxOf)}
  </svg>`;
}

/** The id of a network's part of the page. */
export function anchorOf(network: string): string {
  return `network-${network}`;
}

function arrow(node: Placed): Html | null {
  const paths = arrowTo(node);
  if (!paths) return null;
  const { line, row, parent } = node;
  const named = line !== 'trunk' && parent!.line !== line && lineNames[line];
  const [x, middle] = [middles[line], (topOf(parent!.row) + mapSize.boxHeight + topOf(row)) / 2];
  return html`<path class="edge" d="${paths[0]}" /><path class="edge" d="${paths[1]}" />${
      named &&
      named.map(
        (word, at) =>
          html`<text
            class="line-name"
            x="${line === 'deeper' ? x - 26 : x + 26}"
            y="${middle + 15 * at}"
            text-anchor="${line === 'deeper' ? 'end' : 'start'}"
            >${word}</text
          >`,
      )
    }`;
}

function boxOf({ name, year, variants: { length: variants }, line, row }: Placed): Html {
  const { boxWidth, boxHeight } = mapSize;
  const [x, y] = [middles[line], topOf(row)];
  const more = variants > 0 ? ` · ${variants} variant${variants === 1 ? '' : 's'}` : '';
  return html`<a href="#${anchorOf(name)}"
    ><rect x="${x - boxWidth / 2}" y="${y}" width="${boxWidth}" height="${boxHeight}" rx="8" /><text
      class="name"
      x="${x}"
      y="${y + 20}"
      text-anchor="middle"
      >${name}</text
    ><text x="${x}" y="${y + 36}" text-anchor="middle">${year}${more}</text></a
  >`;
}
