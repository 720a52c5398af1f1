/** Draws the branches of a module, such as an Inception module, in a frame. */
import { sizeText, titleOf, type Block } from './node';
import type { DrawnNode } from './graph';
import { centredText, lineHeight, textSize, textWidth, type Point, type Shape } from './shapes';

/** The space between columns of cards, and to the left and right of them. */
const gap = 24;
/** The space between rows of cards, and above and below them. */
const rowGap = 10;

interface Cell {
  readonly node: DrawnNode;
  readonly column: number;
  readonly row: number;
}

/**
 * The cells of a module's branches. Each branch has a row; the column of a node is its distance from the module's
 * input.
 */
interface Grid {
  readonly cells: readonly Cell[];
  readonly columns: number;
  readonly rows: number;
}

/**
 * Draws the nodes between two others as cards in a frame, one branch per row. The branches start at the frame's left
 * edge and are joined at its right edge.
 * @param title above the cards
 * @param leaves the nodes that connect to the right edge
 * @param bypassed whether the input on the left is also connected directly to the right edge
 */
export function moduleBlock(
  nodes: readonly DrawnNode[],
  title: string,
  leaves: readonly DrawnNode[],
  bypassed = false,
): Block {
  const { cells, columns, rows } = gridOf(nodes, bypassed ? 1 : 0);
  const prefix = commonPrefix(nodes);
  const texts = new Map(nodes.map((node) => [node, cardLines(node, prefix)]));
  const lines = Math.max(...[...texts.values()].map((of) => of.length));
  const cardHeight = lines * lineHeight + 8;
  const columnWidths = Array.from({ length: columns }, (_, column) =>
    Math.max(
      ...cells.filter((cell) => cell.column === column).map(({ node }) => cardWidth(texts.get(node)!)),
    ),
  );
  const inner = columnWidths.reduce((sum, width) => sum + width + gap, 0);
  const width = Math.max(inner + gap, textWidth(title, textSize, true) + 2 * rowGap);
  const cardsHeight = rows * (cardHeight + rowGap) + rowGap;
  const titleHeight = lineHeight + 6;
  const height = titleHeight + cardsHeight;
  const columnX = (column: number) =>
    gap + columnWidths.slice(0, column).reduce((sum, sides) => sum + sides + gap, 0);

  const place = (x: number, y: number): Shape[] => {
    const top = y - cardsHeight / 2 - titleHeight;
    const rowY = (row: number) => top + titleHeight + rowGap + row * (cardHeight + rowGap) + cardHeight / 2;
    const leftOf = ({ column, row }: Cell): Point => [x + columnX(column), rowY(row)];
    const rightOf = ({ column, row }: Cell): Point => [
      x + columnX(column) + columnWidths[column]!,
      rowY(row),
    ];
    const at = new Map(cells.map((cell) => [cell.node, cell]));
    const entry: Point = [x, y];
    const exit: Point = [x + width, y];
    const edges = cells.flatMap((cell) => {
      const sources = cell.node.inputs.map((input) => at.get(input));
      return sources.map((source) => bent(source ? rightOf(source) : entry, leftOf(cell), -gap / 2, true));
    });
    return [
      { kind: 'frame', x, y: top, width, height },
      centredText(title, x + width / 2, top + 6, 'name'),
      ...edges,
      ...leaves.map((leaf) => bent(rightOf(at.get(leaf)!), exit, -gap / 2, false)),
      ...(bypassed ? [bypass(entry, exit, rowY(0))] : []),
      ...cells.flatMap((cell) =>
        card(cell.node, texts.get(cell.node)!, leftOf(cell), columnWidths[cell.column]!, cardHeight),
      ),
    ];
  };
  return {
    width,
    above: titleHeight + cardsHeight / 2,
    below: cardsHeight / 2,
    left: [[0, 0]],
    right: [[0, 0]],
    place,
  };
}

function gridOf(nodes: readonly DrawnNode[], firstRow: number): Grid {
  const cells = new Map<DrawnNode, Cell>();
  const taken = new Set<string>();
  let rows = firstRow;
  for (const node of nodes) {
    const below = node.inputs.flatMap((input) => cells.get(input) ?? []);
    const column = Math.max(-1, ...below.map((cell) => cell.column)) + 1;
    const [before] = below;
    // A branch continues in its row; a second reader of the same node starts a new row.
    const follows = before && !taken.has(`${before.row} ${before.column + 1}`);
    const row = follows ? before.row : rows++;
    for (let passed = follows ? before.column + 1 : column; passed <= column; passed++)
      taken.add(`${row} ${passed}`);
    cells.set(node, { node, column, row });
  }
  const all = [...cells.values()];
  return { cells: all, columns: Math.max(...all.map(({ column }) => column)) + 1, rows };
}

function commonPrefix(nodes: readonly DrawnNode[]): string {
  const [first = '', ...others] = nodes.map(({ name }) => name);
  const end = first.lastIndexOf('/') + 1;
  return others.length > 0 && others.every((name) => name.startsWith(first.slice(0, end)))
    ? first.slice(0, end)
    : '';
}

/** The common prefix of the nodes' names, up to a slash: `inception_3a` for `inception_3a/1x1`. */
export function sharedName(nodes: readonly DrawnNode[]): string {
  return commonPrefix(nodes).slice(0, -1);
}

function cardLines(node: DrawnNode, prefix: string): readonly string[] {
  return [node.name.slice(prefix.length), ...node.operation, sizeText(node)];
}

function cardWidth(lines: readonly string[]): number {
  return Math.max(...lines.map((text, line) => textWidth(text, textSize, line === 0))) + 12;
}

function card(
  node: DrawnNode,
  lines: readonly string[],
  [x, y]: Point,
  width: number,
  height: number,
): Shape[] {
  const top = y - (lines.length * lineHeight) / 2;
  return [
    { kind: 'card', x, y: y - height / 2, width, height, tint: node.tint, title: titleOf(node) },
    ...lines.map((text, line) =>
      centredText(text, x + width / 2, top + line * lineHeight, line === 0 ? 'name' : 'plain'),
    ),
  ];
}

/** A line that is level, then vertical at `before` pixels from the end, then level again. */
function bent(from: Point, to: Point, before: number, head: boolean): Shape {
  const turn = to[0] + before;
  const points: Point[] = from[1] === to[1] ? [from, to] : [from, [turn, from[1]], [turn, to[1]], to];
  return { kind: 'line', points, head };
}

function bypass(entry: Point, exit: Point, y: number): Shape {
  const [left, right] = [entry[0] + gap / 2, exit[0] - gap / 2];
  return {
    kind: 'line',
    points: [entry, [left, entry[1]], [left, y], [right, y], [right, exit[1]], exit],
    head: false,
  };
}
