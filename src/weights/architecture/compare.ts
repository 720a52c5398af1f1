/** Compares the network described in a file with our network that is to receive its weights. */
import { printable } from '../../core/errors';
import type { Loss } from '../../core/network';
import { Chains, type Chain } from './chains';
import { layerOf, type Architecture, type ArchitectureNode, type Sides } from './description';
import { operationsApart, withMargins } from './operations';
import { pixelsApart, type PixelsAsked } from './pixels';
import { inWords } from './words';

/** One difference between a file’s network and ours, in words: `ReLU after ip1`, `sigmoid`. */
export interface Difference {
  readonly expected: string;
  readonly found: string;
}

export interface Comparison extends PixelsAsked {
  readonly ours: Architecture;
  /** Our node that outputs the class scores. */
  readonly output: string;
  /** Rows and columns of the output of each of our nodes. */
  readonly sizes: ReadonlyMap<string, Sides>;
  /** Our layers that have weights. */
  readonly weighted: ReadonlySet<string>;
  readonly theirs: Architecture;
  /** The file's names for those of our layers whose weights it contains. */
  readonly names: ReadonlyMap<string, string>;
  readonly scores: Loss['kind'];
}

/**
 * Compares two networks along the layers whose weights are transferred: the operation of each layer, and the steps
 * between it and the layers that it reads, up to the class scores. Layers whose weights are not transferred are
 * ignored. The differences are in the order of our layers.
 */
export function architecturesApart(comparison: Comparison): readonly Difference[] {
  return new Comparing(comparison).differences();
}

class Comparing {
  private readonly ours: Chains;
  private readonly theirs: Chains;
  private readonly found: Difference[] = [];
  /** Pairs of nodes with several inputs that have already been compared. */
  private readonly joined = new Set<string>();
  private pixelsCompared = false;

  constructor(private readonly given: Comparison) {
    this.ours = new Chains(given.ours, given.weighted);
    this.theirs = new Chains(given.theirs, new Set(given.names.values()));
  }

  differences(): readonly Difference[] {
    for (const [name, theirName] of this.given.names)
      this.layers(this.ours.node(name)!, this.theirs.node(theirName)!);
    this.outputs();
    return this.found;
  }

  private apart(expected: string, found: string): void {
    this.found.push({ expected, found });
  }

  /** Compares two layers that have the same weights. */
  private layers(our: ArchitectureNode, their: ArchitectureNode): void {
    const below = this.ours.to(our.inputs[0]);
    const theirBelow = this.theirs.to(their.inputs[0]);
    const [merged, theirMerged] = [withMargins(our, below), withMargins(their, theirBelow)];
    const size = this.sizeBelow(merged.margin ?? our);
    const difference = operationsApart(merged.node.operation, theirMerged.node.operation, size);
    if (difference) this.apart(`${difference[0]} of ${this.called(our)}`, difference[1]);
    this.chains(merged.below, theirMerged.below, this.called(our), this.foundAs(their));
  }

  /** Compares the inputs of two nodes. */
  private chains(our: Chain, their: Chain, reader: string, theirReader: string): void {
    const { source } = our;
    if (!source || (this.given.weighted.has(source.name) && !this.given.names.has(source.name))) return;
    if (!this.sameSource(source, their.source)) {
      const found = their.source ? this.foundAs(their.source) : 'none';
      this.apart(`${this.called(source)} below ${reader}`, found);
      return;
    }
    let steps = their.steps;
    if (source.operation.kind === 'image') {
      const first = steps.findIndex(({ operation }) => operation.kind !== 'affine');
      const scalings = steps.slice(0, first < 0 ? steps.length : first);
      steps = steps.slice(scalings.length);
      this.pixels(their.source!, scalings);
    }
    this.steps(source, our.steps, steps, reader, theirReader);
    if (source.inputs.length > 1) this.joints(source, their.source!);
  }

  private sameSource(our: ArchitectureNode, their: ArchitectureNode | undefined): boolean {
    const name = this.given.names.get(our.name);
    if (name !== undefined) return their?.name === name;
    if (their?.operation.kind !== our.operation.kind) return false;
    return operationsApart(our.operation, their.operation, [1, 1]) === undefined;
  }

  private steps(
    source: ArchitectureNode,
    our: readonly ArchitectureNode[],
    their: readonly ArchitectureNode[],
    reader: string,
    theirReader: string,
  ): void {
    for (let at = 0; at < Math.max(our.length, their.length); at++) {
      const [step, theirStep] = [our[at], their[at]];
      const before = [this.called(source), ...our.slice(0, at).map(({ operation }) => inWords(operation))];
      const place = `after ${before.join(' and ')}`;
      if (!step || !theirStep || step.operation.kind !== theirStep.operation.kind) {
        const expected = step ? inWords(step.operation) : reader;
        const found = theirStep ? named(theirStep) : theirReader;
        this.apart(`${expected} ${place}`, found);
        return;
      }
      const difference = operationsApart(step.operation, theirStep.operation, this.sizeBelow(step));
      if (!difference) continue;
      const [expected, found, isSetting] = difference;
      if (isSetting) this.apart(`${expected} of ${inWords(step.operation)} ${place}`, found);
      else this.apart(`${expected} ${place}`, named(theirStep));
    }
  }

  /** Compares two nodes with several inputs, input by input. */
  private joints(our: ArchitectureNode, their: ArchitectureNode): void {
    const key = JSON.stringify([our.name, their.name]);
    if (this.joined.has(key)) return;
    this.joined.add(key);
    const what = `${inWords(our.operation)} (${our.name})`;
    if (our.inputs.length !== their.inputs.length) {
      this.apart(`${our.inputs.length} inputs of ${what}`, String(their.inputs.length));
      return;
    }
    our.inputs.forEach((input, at) => {
      const place = `${what}, input ${at + 1}`;
      this.chains(this.ours.to(input), this.theirs.to(their.inputs[at]), place, named(their));
    });
  }

  private pixels(image: ArchitectureNode, scalings: readonly ArchitectureNode[]): void {
    if (this.pixelsCompared) return;
    this.pixelsCompared = true;
    const { operation } = image;
    const said = operation.kind === 'image' ? operation.pixels : undefined;
    const difference = pixelsApart(this.given, said, scalings);
    if (difference) this.found.push(difference);
  }

  /** Compares the steps from the last layer with weights to the class scores. */
  private outputs(): void {
    const our = this.ours.to(this.given.output);
    const { source } = our;
    if (!source) return;
    const name = this.given.names.get(source.name);
    if (this.given.weighted.has(source.name) && name === undefined) return;
    const ends = this.theirs.ends().map((end) => this.theirs.to(end));
    const own = name === undefined ? ends : ends.filter((end) => end.source?.name === name);
    if (own.length === 0) {
      this.apart(`the class scores after ${this.called(source)}`, 'further layers');
      return;
    }
    // A file may have several outputs after one layer; it is enough if one of them matches ours.
    const before = this.found.length;
    const tries = own.slice(0, 16).map((end) => {
      this.chains(our, this.withoutSoftmax(our, end), 'the class scores', 'the end');
      return this.found.splice(before);
    });
    const [best] = tries.sort((one, other) => one.length - other.length);
    this.found.push(...best!);
  }

  /**
   * Ignores softmax at the end: a network may output logits, probabilities or their logarithms, and the ranking is the
   * same. Our networks compute probabilities only on use.
   */
  private withoutSoftmax(our: Chain, their: Chain): Chain {
    const isSoftmax = (step: ArchitectureNode | undefined) =>
      step?.operation.kind === 'activation' && /^(?:log_)?softmax$/.test(step.operation.of);
    if (this.given.scores !== 'softmaxCrossEntropy' || isSoftmax(our.steps.at(-1))) return their;
    return isSoftmax(their.steps.at(-1)) ? { ...their, steps: their.steps.slice(0, -1) } : their;
  }

  /** Rows and columns of the input of one of our nodes. */
  private sizeBelow({ inputs: [input] }: ArchitectureNode): Sides {
    let name = input;
    for (
      let node = name === undefined ? undefined : this.ours.node(name);
      node?.operation.kind === 'identity';
      node = this.ours.node(name)
    ) {
      const [next] = node.inputs;
      if (next === undefined) break;
      name = next;
    }
    return (name === undefined ? undefined : this.given.sizes.get(name)) ?? [1, 1];
  }

  private called({ name, operation }: ArchitectureNode): string {
    if (operation.kind === 'image') return 'the image';
    return this.given.weighted.has(name) ? name : `${inWords(operation)} (${name})`;
  }

  /** The name of a node of the file; our name if it has one. */
  private foundAs(node: ArchitectureNode): string {
    for (const [our, their] of this.given.names)
      if (their === node.name) return our === their ? our : `${our} (${printable(their)})`;
    return node.operation.kind === 'image' ? 'the image' : named(node);
  }
}

/** The name of the layer to which a node belongs. */
const named = ({ name, operation }: ArchitectureNode) =>
  `${inWords(operation)} (${printable(layerOf(name))}${/\/use\d+$/.test(name) ? ', used again' : ''})`;
