/** The steps between the layers with weights, for either of the two networks that are compared. */
import type { Architecture, ArchitectureNode } from './description';

/** The steps between an anchor and the node that reads it. */
export interface Chain {
  /** A layer with weights, the image, or a node with several inputs; undefined if the description ends there. */
  readonly source: ArchitectureNode | undefined;
  /** In order, starting at the source; each step has one input. */
  readonly steps: readonly ArchitectureNode[];
}

/** More steps than any network has between two layers. */
const longest = 100;

/** Walks upwards through one network’s description, from outputs to inputs. */
export class Chains {
  /** @param weighted names of the layers whose weights are transferred */
  constructor(
    private readonly architecture: Architecture,
    private readonly weighted: ReadonlySet<string>,
  ) {}

  node(name: string): ArchitectureNode | undefined {
    return this.architecture.nodes.get(name);
  }

  /** The chain that leads to the output of a node, including the node itself. */
  to(name: string | undefined): Chain {
    const steps: ArchitectureNode[] = [];
    let node = name === undefined ? undefined : this.node(name);
    let idle = 0;
    while (node && !this.isAnchor(node)) {
      if (node.operation.kind !== 'identity') steps.push(node);
      // A description with a cycle has no beginning.
      else if (++idle > this.architecture.nodes.size) return { source: undefined, steps: inOrder(steps) };
      if (steps.length > longest) return { source: undefined, steps: inOrder(steps) };
      node = this.node(node.inputs[0]!);
    }
    return { source: node, steps: inOrder(steps) };
  }

  private isAnchor({ name, inputs, operation }: ArchitectureNode): boolean {
    const { kind } = operation;
    return inputs.length !== 1 || kind === 'convolution' || kind === 'full' || this.weighted.has(name);
  }

  /** Names of nodes whose output is read by no node except a loss. */
  ends(): readonly string[] {
    const read = new Set<string>();
    const given: string[] = [];
    for (const { name, inputs, operation } of this.architecture.nodes.values()) {
      if (operation.kind === 'end') continue;
      if (operation.kind !== 'image') given.push(name);
      for (const input of inputs) read.add(input);
    }
    return given.filter((name) => !read.has(name));
  }
}

const rising = /^(?:ReLU|sigmoid$|tanh$)/;

/** The steps from the source on. Max-pooling and increasing functions commute: the function always comes first here. */
function inOrder(upwards: readonly ArchitectureNode[]): readonly ArchitectureNode[] {
  const steps = [...upwards].reverse();
  for (let at = 1; at < steps.length; at++) {
    for (let to = at; to > 0 && commute(steps[to - 1]!, steps[to]!); to--)
      [steps[to - 1], steps[to]] = [steps[to]!, steps[to - 1]!];
  }
  return steps.filter((step, at) => at === 0 || !isRelu(step) || !isRelu(steps[at - 1]!));
}

function commute({ operation: below }: ArchitectureNode, { operation: above }: ArchitectureNode): boolean {
  return (
    below.kind === 'pooling' && below.of === 'max' && above.kind === 'activation' && rising.test(above.of)
  );
}

const isRelu = ({ operation }: ArchitectureNode) =>
  operation.kind === 'activation' && operation.of === 'ReLU';
