/** The figure that shows which network followed from which. */
import type { Lineage, Paper } from '../../../core/network';
import { families } from './families';
import { html, type Html } from '../html';

const box = { width: 148, height: 46 };
const rowHeight = 92;
const width = 440;
const margin = 34;
/** The horizontal centre of a box, by the line of networks that it belongs to. */
const middles = { trunk: 220, deeper: 116, modules: 324 } as const;
const lineNames = { deeper: ['deeper'], modules: ['stronger', 'modules'] } as const;

type Line = keyof typeof middles;

interface Placed {
  readonly name: string;
  readonly paper: Pick<Paper, 'lineage' | 'year'>;
  readonly variants: number;
  readonly line: Line;
  readonly row: number;
}

/**
 * The networks in order of descent, from top to bottom. Each box of the figure links to the network's part of the page:
 * see `anchorOf`.
 * @throws Error when a network comes after one that is not there
 */
export function lineageFigure(
  networks: readonly { readonly name: string; readonly paper: Pick<Paper, 'lineage' | 'year'> }[],
): Html {
  const placed = families(networks).reduce<readonly Placed[]>((above, { head, variants }) => {
    const { lineage } = head.paper;
    const line = lineOf(lineage);
    const parent = parentOf(lineage, above);
    const row = parent ? parent.row + 1 : 0;
    return [...above, { name: head.name, paper: head.paper, variants: variants.length, line, row }];
  }, []);
  const height = 2 * margin + Math.max(...placed.map(({ row }) => row)) * rowHeight + box.height;
  return html`<svg
    class="lineage"
    viewBox="0 0 ${width} ${height}"
    role="group"
    aria-label="the networks, each after the one that it takes up"
  >
    ${placed.map((node) => arrow(node, parentOf(node.paper.lineage, placed)))} ${placed.map(boxOf)}
  </svg>`;
}

/** The id of a network's part of the page. */
export function anchorOf(network: string): string {
  return `network-${network}`;
}

function lineOf(lineage: Lineage): Line {
  return lineage.kind === 'after' ? lineage.line : 'trunk';
}

function parentOf(lineage: Lineage, placed: readonly Placed[]): Placed | null {
  if (lineage.kind !== 'after') return null;
  const parent = placed.find(({ name }) => name === lineage.network);
  if (parent) return parent;
  throw new Error(`lineage: expected ${lineage.network} among the networks before, found none`);
}

function arrow({ line, row }: Placed, parent: Placed | null): Html | null {
  if (!parent) return null;
  const [fromX, fromY] = [middles[parent.line], topOf(parent.row) + box.height];
  const [toX, toY] = [middles[line], topOf(row)];
  const bend = (fromY + toY) / 2;
  const path = `M${fromX} ${fromY} C${fromX} ${bend} ${toX} ${bend} ${toX} ${toY - 2}`;
  const head = `M${toX - 5} ${toY - 9} L${toX} ${toY - 1} L${toX + 5} ${toY - 9}`;
  const named = line !== 'trunk' && parent.line !== line && lineNames[line];
  return html`<path class="edge" d="${path}" /><path class="edge" d="${head}" />${
      named &&
      named.map(
        (word, at) =>
          html`<text
            class="line-name"
            x="${line === 'deeper' ? toX - 26 : toX + 26}"
            y="${bend + 15 * at}"
            text-anchor="${line === 'deeper' ? 'end' : 'start'}"
            >${word}</text
          >`,
      )
    }`;
}

function boxOf({ name, paper, variants, line, row }: Placed): Html {
  const [x, y] = [middles[line], topOf(row)];
  const more = variants > 0 ? ` · ${variants} variant${variants === 1 ? '' : 's'}` : '';
  return html`<a href="#${anchorOf(name)}"
    ><rect x="${x - box.width / 2}" y="${y}" width="${box.width}" height="${box.height}" rx="8" /><text
      class="name"
      x="${x}"
      y="${y + 20}"
      text-anchor="middle"
      >${name}</text
    ><text x="${x}" y="${y + 36}" text-anchor="middle">${paper.year}${more}</text></a
  >`;
}

function topOf(row: number): number {
  return margin / 2 + row * rowHeight;
}
