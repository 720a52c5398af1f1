/** Breaks the main path of a network into the rows of its drawing. */
import type { DrawnNode } from './graph';
import { moduleBlock, sharedName } from './module';
import { nodeBlock, sizeText, type Block, type Scale } from './node';
import { textSize, textWidth } from './shapes';

/** An element of a row: an arrow with its label, then the block that it leads to. */
export interface Step {
  readonly arrow: {
    readonly width: number;
    readonly text: readonly string[];
    readonly crossing: boolean;
  } | null;
  readonly block: Block;
  /** The nodes that the block shows. */
  readonly nodes: readonly DrawnNode[];
  /** Whether it must be in the same row as the step before. */
  readonly tied: boolean;
}

const plainArrow = 20;

/**
 * The main path as a sequence of steps: a node that every path runs through is a step of its own, and the nodes between
 * two such nodes form a module.
 */
export function stepsOf(nodes: readonly DrawnNode[], scale: Scale): readonly Step[] {
  const main = nodes.filter(({ auxiliary }) => !auxiliary);
  const cuts = cutNodes(main);
  return cuts.flatMap((node, index) => {
    const before = cuts[index - 1];
    if (!before) return [{ arrow: null, block: nodeBlock(node, scale), nodes: [node], tied: false }];
    const between = main.slice(main.indexOf(before) + 1, main.indexOf(node));
    return between.length > 0 ? branchSteps(before, between, node, scale) : [chainStep(before, node, scale)];
  });
}

/** The nodes that no edge bypasses. */
function cutNodes(main: readonly DrawnNode[]): readonly DrawnNode[] {
  const place = new Map(main.map((node, index) => [node, index]));
  const passed = new Set<number>();
  main.forEach((node, index) =>
    node.inputs.forEach((input) => {
      for (let between = place.get(input)! + 1; between < index; between++) passed.add(between);
    }),
  );
  return main.filter((_, index) => !passed.has(index));
}

function chainStep(before: DrawnNode, node: DrawnNode, scale: Scale): Step {
  const repeats =
    String(before.operation) === String(node.operation) &&
    String(before.shape) === String(node.shape) &&
    before.parts === node.parts;
  const text = repeats ? [] : node.operation;
  const width = Math.max(plainArrow, ...text.map((line) => textWidth(line, textSize) + 16));
  return {
    arrow: { width, text, crossing: before.parts > 1 && !node.apart },
    block: nodeBlock(node, scale, [node.name, repeats ? '' : sizeText(node)]),
    nodes: [node],
    tied: repeats || node.apart,
  };
}

function branchSteps(
  before: DrawnNode,
  between: readonly DrawnNode[],
  join: DrawnNode,
  scale: Scale,
): readonly Step[] {
  const leaves = between.filter((node) => join.inputs.includes(node));
  const arrow = { width: plainArrow, text: [], crossing: false };
  const title = sharedName(between);
  const module = moduleBlock(between, title, leaves, join.inputs.includes(before));
  const name =
    title !== '' && join.name.startsWith(`${title}/`) ? join.name.slice(title.length + 1) : join.name;
  return [
    { arrow, block: module, nodes: between, tied: false },
    { arrow, block: nodeBlock(join, scale, [name, sizeText(join)]), nodes: [join], tied: true },
  ];
}

const stepWidth = ({ arrow, block }: Step) => (arrow?.width ?? 0) + block.width;

/** The steps in as few rows as the width allows, with the widest row as narrow as possible. */
export function rowsOf(steps: readonly Step[], most: number): readonly (readonly Step[])[] {
  const runs = steps.reduce<Step[][]>((all, step) => {
    if (step.tied && all.length > 0) all.at(-1)!.push(step);
    else all.push([step]);
    return all;
  }, []);
  const fewest = filled(runs, most).length;
  let width = Math.ceil(widthOf(steps) / fewest);
  while (width < most && filled(runs, width).length > fewest) width += 10;
  return filled(runs, width).map((row) => row.flat());
}

/** Fills one row after the other, each up to the width. */
function filled(runs: readonly Step[][], width: number): Step[][][] {
  return runs.reduce<Step[][][]>((rows, run) => {
    const row = rows.at(-1);
    if (row && widthOf([...row.flat(), ...run]) <= width) row.push(run);
    else rows.push([run]);
    return rows;
  }, []);
}

export function widthOf(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + stepWidth(step), 0);
}
