/** Makes a recorded graph faster: multiplications by a constant move into the weights beside them. */
import type { GraphBuilder } from '../session/builder';
import { attr, elementTypes, type Node } from '../session/graph-def';

const T = { T: attr.type(elementTypes.float32) };

/**
 * Moves multiplications by a constant out of activations into the weights beside them, where the values are few:
 * s · (w∗x + b) becomes (s·w)∗x + s·b, and w∗(s·x) becomes (s·w)∗x. So the scaled hyperbolic tangents of LeCun's
 * networks leave only the tangent, which TensorFlow joins to the convolution before it. Only for graphs that compute
 * no gradients.
 * @param kept names of nodes that are fetched
 */
export function foldScales(builder: GraphBuilder, kept: readonly string[]): void {
  const folder = new Folder(builder, new Set(kept));
  for (const node of [...builder.nodes]) folder.intoAffineBefore(node);
  for (const node of [...builder.nodes]) folder.intoLinearAfter(node);
}

class Folder {
  private readonly byName: ReadonlyMap<string, Node>;

  constructor(
    private readonly builder: GraphBuilder,
    private readonly kept: ReadonlySet<string>,
  ) {
    this.byName = new Map(builder.nodes.map((node) => [node.name, node]));
  }

  /** Folds the scale of s · (Y + b) into b and into the weights that Y is linear in. */
  intoAffineBefore(scale: Node): void {
    const factor = this.scalarOf(scale);
    if (!factor || this.kept.has(scale.name)) return;
    const sum = this.byName.get(scale.inputs[0]!);
    if (!sum || !['Add', 'AddV2', 'BiasAdd'].includes(sum.op)) return;
    const product = this.throughReshapes(sum.inputs[0]!, 0);
    if (!this.onlyReader(sum, scale) || !product || !hasFactor(product)) return;
    this.scaleInput(product, factor);
    this.scaleInput(sum, factor);
    this.replace(scale, sum.name);
  }

  /** Folds the scale of s · x into the weights of the linear node that alone reads it, directly or through a mean. */
  intoLinearAfter(scale: Node): void {
    const factor = this.scalarOf(scale);
    if (!factor || this.kept.has(scale.name)) return;
    let last = scale;
    for (;;) {
      const readers = this.readersOf(last.name);
      const [reader] = readers;
      if (readers.length !== 1 || !reader || reader.inputs[0] !== last.name || this.kept.has(last.name))
        return;
      if (hasFactor(reader) && !this.scalarOf(reader)) {
        this.scaleInput(reader, factor);
        this.replace(scale, scale.inputs[0]!);
        return;
      }
      if (reader.op !== 'AvgPool' && reader.op !== 'Reshape') return;
      last = reader;
    }
  }

  /** The constant scalar by which a node multiplies its first input. */
  private scalarOf({ op, inputs }: Node): string | null {
    const factor = op === 'Mul' ? this.byName.get(inputs[1]!) : undefined;
    return factor?.op === 'Const' && areEqual(factor.attributes['value']!, this.asScalar(factor))
      ? factor.name
      : null;
  }

  /** The constant's value as a scalar would have it: equal to its own if it is a scalar. */
  private asScalar({ attributes }: Node): Uint8Array {
    return attr.tensor(elementTypes.float32, [], attributes['value']!.subarray(-4));
  }

  /** The node of a name or, where that is a reshape that nothing else reads, the node before it. */
  private throughReshapes(name: string, depth: number): Node | null {
    const node = this.byName.get(name);
    if (!node || this.readersOf(name).length !== 1 || this.kept.has(name)) return null;
    return node.op === 'Reshape' && depth < 3 ? this.throughReshapes(node.inputs[0]!, depth + 1) : node;
  }

  private onlyReader(node: Node, reader: Node): boolean {
    const readers = this.readersOf(node.name);
    return readers.length === 1 && readers[0] === reader && !this.kept.has(node.name);
  }

  /** The nodes that read a node, each as often as it reads it. */
  private readersOf(name: string): readonly Node[] {
    return this.builder.nodes.flatMap((node) =>
      node.inputs.filter((input) => input === name || input === `^${name}`).map(() => node),
    );
  }

  private scaleInput(node: Node, factor: string): void {
    const scaled = this.builder.add('Mul', [node.inputs[1]!, factor], T);
    node.inputs = [node.inputs[0]!, scaled.name, ...node.inputs.slice(2)];
  }

  /** Lets every reader of a node read another one instead. */
  private replace(node: Node, by: string): void {
    for (const reader of this.readersOf(node.name)) {
      reader.inputs = reader.inputs.map((input) => (input === node.name ? by : input));
    }
    this.builder.remove(node);
  }
}

/** Whether a node is linear in its second input, its weights. */
function hasFactor({ op }: Node): boolean {
  return op === 'Conv2D' || op === 'MatMul' || op === 'BatchMatMulV2' || op === 'Mul';
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
