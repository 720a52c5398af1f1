/** A TensorFlow session with its variables and the graphs that use them. */
import { elementCount } from '../../core/shape';
import type { tf } from '../../core/tf';
import {
  nativeCudaLibrary,
  nativeLibrary,
  nativeBackend,
  type NativeBackend,
} from '../../core/tensorflow/native';
import { GraphBuilder, bytesOf, variableNodes } from './builder';
import type { Value } from './fed-tensors';
import { attr, elementTypes } from './graph-def';
import { GraphSession, type SessionOptions } from './session';
import type { NodeTime } from './step-stats';

const float = elementTypes.float32;

/** A value for one of a program's variables; its `data` is null for zeros. */
export interface Start {
  /** The variable's name in the session. */
  readonly resource: string;
  readonly shape: readonly number[];
  readonly data: (() => Float32Array | Int32Array) | null;
}

/** The nodes that give variables values. */
interface Writing {
  /** For each variable the node of its value: a placeholder, unless it is zeros. */
  readonly inputs: readonly string[];
  readonly fetch: string;
}

/** A session, the variables that live in it, and the graphs that have been added to it. */
export class Program {
  readonly backend: NativeBackend;
  private readonly session: GraphSession;
  private readonly shapes = new Map<string, readonly number[]>();
  /** The nodes that read variables, by the names of these. */
  private readonly readings = new Map<string, readonly string[]>();
  /** The nodes through which variables get values, by the names of these. */
  private readonly writings = new Map<
    string,
    { readonly inputs: readonly string[]; readonly fetch: string }
  >();
  private graphs = 0;
  private readonly held: { dispose(): void }[] = [];

  /** @throws Error unless native TensorFlow is the backend in use */
  constructor(options: SessionOptions) {
    const [backend, library] = [nativeBackend(), nativeLibrary()];
    if (!backend || library === undefined)
      throw new Error('expected native TensorFlow as the backend, to compile for it');
    this.backend = backend;
    this.session = new GraphSession(library, options, nativeCudaLibrary());
  }

  /** An empty graph whose names are new to the session. */
  newGraph(): GraphBuilder {
    return new GraphBuilder(`graph${this.graphs++}`);
  }

  add(graph: GraphBuilder): void {
    this.session.extend(graph.encode());
  }

  run(feeds: ReadonlyMap<string, Value>, fetches: readonly string[]): Promise<Value[]> {
    return this.session.run(feeds, fetches);
  }

  /** How long each node computes in one run. */
  times(feeds: ReadonlyMap<string, Value>, fetches: readonly string[]): Promise<NodeTime[]> {
    return this.session.times(feeds, fetches);
  }

  /** Bytes of the variables that the session holds, which `tf.memory()` does not see. */
  get heldBytes(): number {
    return [...this.shapes.values()].reduce((sum, shape) => sum + 4 * elementCount(shape), 0);
  }

  holds(resource: string): boolean {
    return this.shapes.has(resource);
  }

  /**
   * Gives variables values, in one run; variables that the session does not hold yet are made. The graph that does it is
   * kept for the next time that the same variables get values.
   */
  async assign(starts: readonly Start[]): Promise<void> {
    if (starts.length === 0) return;
    const values = starts.map(({ data }) => data?.() ?? null);
    const key = starts.map(({ resource }, at) => `${resource} ${values[at]?.constructor.name}`).join();
    let writes = this.writings.get(key);
    if (!writes) {
      const graph = this.newGraph();
      writes = assigning(graph, starts, values);
      this.add(graph);
      this.writings.set(key, writes);
    }
    const feeds = new Map<string, Value>();
    for (const [at, { resource, shape }] of starts.entries()) {
      const data = values[at];
      if (data) feeds.set(writes.inputs[at]!, { shape, data });
      this.shapes.set(resource, shape);
    }
    await this.run(feeds, [writes.fetch]);
  }

  /** As `assign`, but only for variables that the session does not hold yet. */
  async initialise(starts: readonly Start[]): Promise<void> {
    await this.assign(starts.filter(({ resource }) => !this.holds(resource)));
  }

  /** The values of float32 variables; the caller owns them. */
  async read(resources: readonly string[]): Promise<Float32Array[]> {
    if (resources.length === 0) return [];
    const key = resources.join();
    let reads = this.readings.get(key);
    if (!reads) {
      const graph = this.newGraph();
      reads = resources.map(
        (resource) => variableNodes(graph, resource, this.shapes.get(resource)!, float).before.name,
      );
      this.add(graph);
      this.readings.set(key, reads);
    }
    const values = await this.run(new Map(), reads);
    return values.map(({ data }) => data as Float32Array);
  }

  /** Has something disposed of with the program, such as the tensors that its graphs were recorded with. */
  hold(held: { dispose(): void }): void {
    this.held.push(held);
  }

  dispose(): void {
    void this.session.dispose();
    for (const held of this.held.splice(0)) held.dispose();
  }
}

/** The present value of a tfjs variable, for a program's variable. */
export function startFrom(resource: string, variable: tf.Variable): Start {
  return { resource, shape: variable.shape, data: () => variable.dataSync<'float32' | 'int32'>() };
}

/** @param values of the variables, of which their types are taken; null for zeros */
function assigning(
  graph: GraphBuilder,
  starts: readonly Start[],
  values: readonly (Float32Array | Int32Array | null)[],
): Writing {
  const inputs: string[] = [];
  const assigned = starts.map(({ resource, shape }, at) => {
    const type = values[at] instanceof Int32Array ? elementTypes.int32 : float;
    const { handle } = variableNodes(graph, resource, shape, type);
    const value = values[at] ? graph.placeholder(shape, type) : graph.filled(new Uint8Array(4), shape, float);
    inputs.push(value.name);
    return `^${graph.add('AssignVariableOp', [handle.name, value.name], { dtype: attr.type(type) }).name}`;
  });
  const done = graph.constant(bytesOf(Float32Array.of(1)), [], float);
  const fetch = graph.add('Identity', [done.name, ...assigned], { T: attr.type(float) });
  return { inputs, fetch: fetch.name };
}
