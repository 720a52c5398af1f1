/** Where the networks stand on the map of descent: in rows from top to bottom, and on a line each. */
import type { Lineage, Paper } from '../../../core/network';
import { families } from './families';

/** The line of networks that one belongs to: the two that begin with AlexNet stand beside the trunk. */
export type Line = 'trunk' | 'deeper' | 'modules';

/** A network to be placed. */
export interface Named {
  readonly name: string;
  readonly paper: Pick<Paper, 'lineage' | 'year'>;
}

/** A network on the map, which is no variant of another. */
export interface Placed {
  readonly name: string;
  readonly year: number;
  /** The names of its variants, which have no place of their own. */
  readonly variants: readonly string[];
  readonly line: Line;
  /** How many networks it descends from, one after the other. */
  readonly row: number;
  /** The network that it takes up; null of the first. */
  readonly parent: Placed | null;
}

/**
 * The networks in order of descent.
 * @throws Error when a network comes after one that is not there
 */
export function lineageMap(networks: readonly Named[]): readonly Placed[] {
  return families(networks).reduce<readonly Placed[]>((above, { head, variants }) => {
    const { name, paper } = head;
    const parent = parentOf(paper.lineage, above);
    return [
      ...above,
      {
        ...{ name, year: paper.year, variants: variants.map((variant) => variant.name) },
        ...{ line: lineOf(paper.lineage), row: parent ? parent.row + 1 : 0, parent },
      },
    ];
  }, []);
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

/** The map’s size and that of its boxes, in pixels. */
export const mapSize = { width: 440, margin: 34, row: 92, boxWidth: 148, boxHeight: 46 } as const;

/** The horizontal centre of a box, by its line. */
export const middles = { trunk: 220, deeper: 116, modules: 324 } as const satisfies Record<Line, number>;

/** The top of the boxes of a row. */
export function topOf(row: number): number {
  return mapSize.margin / 2 + row * mapSize.row;
}

/** The map's height. */
export function mapHeight(placed: readonly Placed[]): number {
  return 2 * mapSize.margin + Math.max(...placed.map(({ row }) => row)) * mapSize.row + mapSize.boxHeight;
}

/** The arrow to a network from the one that it takes up, as the data of two SVG paths: its line and its head. */
export function arrowTo({ line, row, parent }: Placed): readonly [path: string, head: string] | null {
  if (!parent) return null;
  const [fromX, fromY] = [middles[parent.line], topOf(parent.row) + mapSize.boxHeight];
  const [toX, toY] = [middles[line], topOf(row)];
  const bend = (fromY + toY) / 2;
  return [
    `M${fromX} ${fromY} C${fromX} ${bend} ${toX} ${bend} ${toX} ${toY - 2}`,
    `M${toX - 5} ${toY - 9} L${toX} ${toY - 1} L${toX + 5} ${toY - 9}`,
  ];
}
