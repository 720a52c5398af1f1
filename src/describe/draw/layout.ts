/** Places the nodes of a drawing in rows. */
import { arrowShapes } from './arrow';
import type { DrawnNode } from './graph';
import { headsBelow, type Tap } from './heads';
import { scaleOf } from './node';
import { rowsOf, stepsOf, widthOf, type Step } from './rows';
import type { Point, Shape } from './shapes';

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
}

/** The width at which rows are broken, where they can be. */
const rowWidth = 1600;
/** The space around the drawing, and between rows. */
const margin = 40;

/**
 * Places a network's nodes: the main path in rows from left to right, auxiliary heads below the row they branch off
 * from.
 */
export function layOut(nodes: readonly DrawnNode[], top: number): Layout {
  const rows = rowsOf(stepsOf(nodes, scaleOf(nodes)), rowWidth);
  const width = Math.max(...rows.map(widthOf));
  const shapes: Shape[] = [];
  let y = top;
  let right = margin + width;
  let end: readonly Point[] = [];
  for (const row of rows) {
    const above = Math.max(...row.map(({ block }) => block.above));
    const below = Math.max(...row.map(({ block }) => block.below));
    const middle = y + above;
    const placed = placeRow(row, middle);
    const heads = headsBelow(nodes, placed.taps, middle + below + 24, {
      left: margin,
      right: margin + width,
    });
    if (end.length > 0)
      shapes.push(...turn(end, { right: margin + width + 16, gap: y - margin / 2, y: middle }));
    shapes.push(...placed.shapes, ...heads.shapes);
    end = placed.end;
    right = Math.max(right, heads.right);
    y = Math.max(middle + below, heads.bottom) + margin;
  }
  return { width: right + margin, height: y, shapes };
}

/**
 * The line from the end of one row to the start of the next: out to the right, back through the gap, in from the left.
 */
function turn(end: readonly Point[], { right, gap, y }: { right: number; gap: number; y: number }): Shape[] {
  const left = margin - 16;
  return end.map((from) => ({
    kind: 'line',
    points: [from, [right, from[1]], [right, gap], [left, gap], [left, y], [margin, y]],
    head: false,
  }));
}

interface PlacedRow {
  readonly shapes: readonly Shape[];
  /** The points where lines leave the row's last block. */
  readonly end: readonly Point[];
  /** The places where heads may branch off. */
  readonly taps: readonly Tap[];
}

function placeRow(row: readonly Step[], middle: number): PlacedRow {
  const shapes: Shape[] = [];
  const taps: Tap[] = [];
  let x = margin;
  let from: readonly Point[] = [[margin, middle]];
  for (const { arrow, block, nodes } of row) {
    const start = x + (arrow?.width ?? 0);
    if (arrow) {
      const to = block.left.map(([inset, height]): Point => [start + inset, middle + height]);
      shapes.push(...arrowShapes(from, to, arrow, x));
    }
    shapes.push(...block.place(start, middle));
    taps.push({ nodes, x: start + block.width / 2, y: middle + block.below });
    x = start + block.width;
    const edge = x;
    from = block.right.map(([inset, height]): Point => [edge - inset, middle + height]);
  }
  return { shapes, end: from, taps };
}
