/** Collects the nodes and constants of an ONNX graph. */
import { contentOf, storedKernel } from '../stored-weights';
import type { WeightsAs } from '../weight-types';
import type { OnnxAttribute, OnnxInitialiser, OnnxNode } from './messages';

/** A weight of the graph, in ONNX's order of axes. */
export interface GraphWeight {
  readonly name: string;
  readonly shape: readonly number[];
  /** The axis of which each position has a scale of its own, if the weight may be stored in 8 bits. */
  readonly axis?: number | undefined;
  values(): Promise<Float32Array>;
}

/** A graph that is being built; every tensor of it has a name, which is also that of the node that gives it. */
export class OnnxGraph {
  readonly nodes: OnnxNode[] = [];
  readonly initialisers: OnnxInitialiser[] = [];
  private readonly taken = new Set<string>();

  /** @param as how kernels are stored */
  constructor(private readonly as: WeightsAs) {}

  /** Adds a node; returns the name of its output. */
  add(
    op: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    this.take(output);
    this.nodes.push({ op, inputs, output, attributes });
    return output;
  }

  /** Adds a weight, and what makes float32 of it where it is stored in fewer bits. Returns the float32 tensor's name. */
  weight({ name, shape, axis, values }: GraphWeight): string {
    const { as } = this;
    if (as === 'float32' || axis === undefined) {
      this.initialise({ name, shape, type: 'float32', content: async () => contentOf(await values()) });
      return name;
    }
    let scales: Float32Array | undefined;
    const stored = async (): Promise<Uint8Array> => {
      const kernel = storedKernel(as, { name, shape, axis, values: await values() });
      scales = kernel.scales;
      return contentOf(kernel.values);
    };
    if (as === 'float16') {
      this.initialise({ name, shape, type: 'float16', content: stored });
      return this.add('Cast', [name], `${name}/float32`, { to: { int: 1 } });
    }
    this.initialise({ name, shape, type: 'int8', content: stored });
    const scale = `${name}/scale`;
    // Written after the kernel, from which the scales follow.
    this.initialise({
      name: scale,
      shape: [shape[axis]!],
      type: 'float32',
      content: async () => contentOf(scales!),
    });
    return this.add('DequantizeLinear', [name, scale], `${name}/float32`, { axis: { int: axis } });
  }

  /** A constant of the network that is no weight. */
  constant(
    name: string,
    shape: readonly number[],
    values: Float32Array | (() => Promise<Float32Array>),
  ): string {
    const all = typeof values === 'function' ? values : async () => values;
    const content = async () => contentOf(await all());
    return this.initialise({ name: `constants/${name}`, shape, type: 'float32', content });
  }

  /** One number, of any place of the graph. */
  number(value: number): string {
    const name = `constants/number ${value}`;
    if (this.taken.has(name)) return name;
    const content = async () => contentOf(Float32Array.of(value));
    return this.initialise({ name, shape: [], type: 'float32', content });
  }

  /** Whole numbers: a shape, axes, margins. */
  ints(...values: readonly number[]): string {
    const name = `constants/numbers ${values.join(' ')}`;
    if (this.taken.has(name)) return name;
    const content = async () => contentOf(BigInt64Array.from(values, BigInt));
    return this.initialise({ name, shape: [values.length], type: 'int64', content });
  }

  private initialise(initialiser: OnnxInitialiser): string {
    this.take(initialiser.name);
    this.initialisers.push(initialiser);
    return initialiser.name;
  }

  private take(name: string): void {
    if (this.taken.has(name)) throw new Error(`expected a new name in the graph, found ${name} twice`);
    this.taken.add(name);
  }
}
