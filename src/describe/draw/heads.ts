/** Draws the auxiliary heads below the row that they branch off from. */
import type { DrawnNode } from './graph';
import { moduleBlock, sharedName } from './module';
import type { Block } from './node';
import type { Shape } from './shapes';

/** A place in a row where a line may start from the lower edge. */
export interface Tap {
  readonly nodes: readonly DrawnNode[];
  readonly x: number;
  readonly y: number;
}

export interface PlacedHeads {
  readonly shapes: readonly Shape[];
  /** The right end of the heads; where there are none, that of the row. */
  readonly right: number;
  readonly bottom: number;
}

const laneGap = 16;

/**
 * Draws the auxiliary heads that branch off the row, in lanes below it. Each head lies to the right of its starting
 * point, or to the left where there is no room on the right.
 */
export function headsBelow(
  nodes: readonly DrawnNode[],
  taps: readonly Tap[],
  top: number,
  { left, right }: { readonly left: number; readonly right: number },
): PlacedHeads {
  const shapes: Shape[] = [];
  const lanes: { until: number; bottom: number }[] = [];
  let farthest = right;
  for (const { head, tap } of headsOf(nodes, taps)) {
    const block = moduleBlock(head, `auxiliary head ${sharedName(head)}`.trim(), []);
    const leftwards = tap.x + 24 + block.width > right && tap.x - 24 - block.width >= left;
    const x = leftwards ? tap.x - 24 - block.width : tap.x + 24;
    // Below every lane that this head or the line down to it would cross.
    const met = lanes.filter(({ until }) => until > x - laneGap);
    const y = Math.max(top, ...met.map(({ bottom }) => bottom + laneGap));
    const middle = y + block.above;
    lanes.push({ until: Math.max(x + block.width, tap.x), bottom: y + block.above + block.below });
    shapes.push({
      kind: 'line',
      points: [
        [tap.x, tap.y],
        [tap.x, middle],
        [leftwards ? x + block.width : x, middle],
      ],
      head: true,
    });
    shapes.push(...(leftwards ? mirrored(block, x, middle) : block.place(x, middle)));
    farthest = Math.max(farthest, x + block.width);
  }
  return { shapes, right: farthest, bottom: Math.max(0, ...lanes.map(({ bottom }) => bottom)) };
}

/** Groups the auxiliary nodes into connected heads, from left to right by where they branch off the row. */
function headsOf(nodes: readonly DrawnNode[], taps: readonly Tap[]): { head: DrawnNode[]; tap: Tap }[] {
  const heads: { head: DrawnNode[]; tap: Tap | undefined }[] = [];
  for (const node of nodes.filter(({ auxiliary }) => auxiliary)) {
    const known = heads.find(({ head }) => node.inputs.some((input) => head.includes(input)));
    if (known) known.head.push(node);
    else
      heads.push({
        head: [node],
        tap: taps.find((tap) => node.inputs.some((input) => tap.nodes.includes(input))),
      });
  }
  return heads.flatMap(({ head, tap }) => (tap ? [{ head, tap }] : [])).sort((a, b) => a.tap.x - b.tap.x);
}

/** The block mirrored, so that it reads from right to left; its texts stay unmirrored. */
function mirrored(block: Block, x: number, y: number): Shape[] {
  const flip = (at: number) => 2 * x + block.width - at;
  return block.place(x, y).map((shape) => {
    if (shape.kind !== 'line') return { ...shape, x: flip(shape.x + shape.width) };
    return { ...shape, points: shape.points.map(([px, py]) => [flip(px), py] as const) };
  });
}
