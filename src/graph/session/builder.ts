/** Builds a TensorFlow graph node by node, under names that are unique in its session. */
import { elementCount } from '../../core/shape';
import type { Scope } from '../record/layer-scopes';
import { attr, elementTypes, encodeGraph, type AttrValue, type ElementType, type Node } from './graph-def';

/** A tensor of the graph under construction. */
export interface Ref {
  /** `node` or `node:output`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: number;
}

/** Collects the nodes of a graph under names of its own. */
export class GraphBuilder {
  readonly nodes: Node[] = [];
  /** The layer and pass that nodes belong to which are added now. */
  scope: Scope | null = null;
  private added = 0;
  private readonly scopes = new Map<string, Scope>();
  private readonly constants = new Map<string, Ref>();
  private readonly users = new Map<string, string[]>();

  /** @param prefix of every name, so that several graphs can live in one session */
  constructor(private readonly prefix: string) {}

  /** Adds an operation and returns its first output. */
  add(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttrValue>>,
    result: { readonly shape: readonly number[]; readonly type: number } = {
      shape: [],
      type: elementTypes.float32,
    },
  ): Ref {
    const name = `${this.prefix}/${op}_${this.added++}`;
    this.nodes.push({ name, op, inputs, attributes });
    if (this.scope) this.scopes.set(name, this.scope);
    for (const input of inputs) this.users.set(input, [...(this.users.get(input) ?? []), name]);
    return { name, ...result };
  }

  /** Takes out a node that nothing reads. */
  remove(node: Node): void {
    this.nodes.splice(this.nodes.indexOf(node), 1);
  }

  placeholder(shape: readonly number[], type: ElementType): Ref {
    return this.add('Placeholder', [], { dtype: attr.type(type), shape: attr.shape(shape) }, { shape, type });
  }

  /** Adds a constant. Equal small ones share a node; a large one of equal elements is filled in where it is used. */
  constant(data: Uint8Array, shape: readonly number[], type: number): Ref {
    const size = elementCount(shape);
    const width = size ? data.length / size : 0;
    if (size > 64 && isUniform(data, width)) return this.filled(data.subarray(0, width), shape, type);
    const key =
      data.length <= 4096 ? `${type}|${shape.join()}|${Buffer.from(data).toString('latin1')}` : undefined;
    const known = key === undefined ? undefined : this.constants.get(key);
    if (known) return known;
    const attributes = { dtype: attr.type(type), value: attr.tensor(type, shape, data) };
    const made = this.add('Const', [], attributes, { shape, type });
    if (key !== undefined) this.constants.set(key, made);
    return made;
  }

  /** A tensor of equal elements, made where it is used. */
  filled(element: Uint8Array, shape: readonly number[], type: number): Ref {
    const value = this.constant(element, [], type);
    const sides = this.constant(bytesOf(Int32Array.from(shape)), [shape.length], elementTypes.int32);
    const attributes = { T: attr.type(type), index_type: attr.type(elementTypes.int32) };
    return this.add('Fill', [sides.name, value.name], attributes, { shape, type });
  }

  /** The scope of a node, or of the node from which TensorFlow derived one with a longer name. */
  scopeOf(name: string): Scope | null {
    const own = /^[^/]+\/[A-Za-z0-9]+_\d+/.exec(name)?.[0];
    return (own !== undefined && this.scopes.get(own)) || null;
  }

  /** The nodes that read a tensor. */
  readersOf(name: string): readonly string[] {
    return this.users.get(name) ?? [];
  }

  encode(): Uint8Array {
    return encodeGraph(this.nodes);
  }
}

/** Whether all elements of `width` bytes are equal. */
function isUniform(data: Uint8Array, width: number): boolean {
  for (let at = width; at < data.length; at++) if (data[at] !== data[at - width]) return false;
  return true;
}

export function bytesOf(values: Int32Array | Float32Array | Uint8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Adds the handle of a session's variable and a node that reads it. */
export function variableNodes(
  builder: GraphBuilder,
  resource: string,
  shape: readonly number[],
  type: number,
): { handle: Ref; before: Ref } {
  const description = {
    dtype: attr.type(type),
    shape: attr.shape(shape),
    shared_name: attr.string(resource),
    container: attr.string(''),
  };
  const handle = builder.add('VarHandleOp', [], description, { shape, type });
  return {
    handle,
    before: builder.add('ReadVariableOp', [handle.name], { dtype: attr.type(type) }, { shape, type }),
  };
}
