/** Draws feature maps as stacks of squares, and units as bars. */
import type { DrawnNode } from './graph';
import { centredText, lineHeight, textSize, textWidth, type Point, type Shape } from './shapes';

/** A part of a drawing, placed on a horizontal middle line. */
export interface Block {
  readonly width: number;
  /** How far it reaches above and below the middle line. */
  readonly above: number;
  readonly below: number;
  /**
   * Where arrows end and start: horizontal distances from the left and right edges, and heights relative to the middle
   * line.
   */
  readonly left: readonly Point[];
  readonly right: readonly Point[];
  /** @param x of the left edge @param y of the middle line */
  place(x: number, y: number): readonly Shape[];
}

/** What the sizes of the shapes in a drawing are relative to. */
export interface Scale {
  /** The largest side of any feature map. */
  readonly largest: number;
  /** The distance between the middles of neighbouring groups of split maps, the same for all. */
  readonly partPitch: number;
}

/** @param nodes all nodes of one drawing */
export function scaleOf(nodes: readonly DrawnNode[]): Scale {
  const maps = nodes.filter(({ shape }) => shape.length === 3);
  const largest = Math.max(1, ...maps.map(({ shape }) => Math.max(shape[0]!, shape[1]!)));
  const heights = maps.filter(({ parts }) => parts > 1).map((node) => stackOf(node, largest).height);
  return { largest, partPitch: Math.max(0, ...heights) + 18 };
}

/**
 * Draws feature maps as stacks of squares, or units as a bar, with the name and size above.
 * @param label the name and the size, either of which may be empty
 */
export function nodeBlock(node: DrawnNode, scale: Scale, label = [node.name, sizeText(node)]): Block {
  const glyph =
    node.shape.length === 3 && node.shape[0]! * node.shape[1]! > 1 ? planes(node, scale) : bar(node);
  const labelWidth = Math.max(...label.map((text, line) => textWidth(text, textSize, line === 0)));
  const width = Math.max(glyph.width, labelWidth);
  const inset = (width - glyph.width) / 2;
  return {
    width,
    above: glyph.height / 2 + label.length * lineHeight + 4,
    below: glyph.height / 2,
    left: glyph.parts.map((part) => [inset, part]),
    right: glyph.parts.map((part) => [inset, part]),
    place: (x, y) => [
      ...glyph.place(x + inset, y - glyph.height / 2),
      ...label.flatMap((text, line) =>
        text === ''
          ? []
          : centredText(
              text,
              x + width / 2,
              y - glyph.height / 2 - 4 - (label.length - line) * lineHeight,
              line === 0 ? 'name' : 'plain',
            ),
      ),
    ],
  };
}

interface Glyph {
  readonly width: number;
  readonly height: number;
  /** The height of the middle of each group, relative to the middle of the glyph. */
  readonly parts: readonly number[];
  place(x: number, y: number): readonly Shape[];
}

function planes(node: DrawnNode, { largest, partPitch }: Scale): Glyph {
  const stack = stackOf(node, largest);
  const parts = Array.from({ length: node.parts }, (_, part) => (part - (node.parts - 1) / 2) * partPitch);
  const height = stack.height + (node.parts - 1) * partPitch;
  return {
    width: stack.width,
    height,
    parts,
    place: (x, y) =>
      parts.map((middle) => ({
        kind: 'planes',
        x,
        y: y + height / 2 + middle - stack.height / 2,
        ...stack,
        tint: node.tint,
        title: titleOf(node),
      })),
  };
}

/**
 * The stack of squares for one group of maps. A horizontal line through its middle meets the first and the last square.
 */
function stackOf({ shape, parts }: DrawnNode, largest: number) {
  const [height, width, maps] = shape as readonly [number, number, number];
  const side = Math.max(8, Math.round(110 * Math.sqrt(Math.max(height, width) / largest)));
  const each = maps / parts;
  // Up to six maps have a square each; beyond that, the number of squares grows with the logarithm.
  const count = each <= 6 ? Math.max(1, Math.round(each)) : Math.round(6 + 0.7 * Math.log2(each / 6));
  const step = Math.min(3, (0.7 * side) / count);
  const reach = side + (count - 1) * step;
  return { width: reach, height: reach, side, count, step };
}

function bar(node: DrawnNode): Glyph {
  const units = node.shape.at(-1)!;
  const height = Math.round(14 + 9 * Math.log2(Math.max(1, units)));
  return {
    width: 14,
    height,
    parts: [0],
    place: (x, y) => [{ kind: 'bar', x, y, width: 14, height, tint: node.tint, title: titleOf(node) }],
  };
}

/** `6@28×28`, for groups `2 × 48@55×55`, or the number of units. */
export function sizeText({ shape, parts }: DrawnNode): string {
  const [height, width, maps] = shape;
  if (maps === undefined) return String(height);
  if (height === 1 && width === 1) return String(maps);
  return `${parts > 1 ? `${parts} × ` : ''}${maps / parts}@${height}×${width}`;
}

export function titleOf(node: DrawnNode): string {
  return [`${node.name}: ${sizeText(node)}`, ...node.operation].join(', ');
}
