/** Determines which layers of a Keras model read which. */
import { member } from '../../../core/io/json-text';

/** An input of a layer: the name of the layer that is read, the index of its use, and the index of its output. */
export interface Reference {
  readonly layer: string;
  readonly use: number;
  readonly output: number;
}

/** One use of a layer, which may be used several times. */
export interface Use {
  readonly layer: unknown;
  readonly name: string;
  /** The index of the use, starting at 0 for each layer. */
  readonly use: number;
  readonly reads: readonly Reference[];
}

/**
 * The uses of all layers in the order of the layers, but each after those that it reads: a layer that is used twice
 * occurs once in the list of layers, at its first use. In a cycle, a use comes before some of those that it reads.
 */
export function usesInOrder(layers: readonly unknown[], nameOf: (layer: unknown) => string): readonly Use[] {
  const byName = new Map<string, readonly Use[]>();
  for (const layer of layers) {
    const name = nameOf(layer);
    const inbound = member(layer, 'inbound_nodes');
    const nodes = Array.isArray(inbound) && inbound.length > 0 ? (inbound as readonly unknown[]) : [[]];
    byName.set(
      name,
      nodes.map((node, use) => ({ layer, name, use, reads: referencesIn(node) })),
    );
  }
  const ordered: Use[] = [];
  const begun = new Set<Use>();
  const done = new Set<Use>();
  const waiting: Use[] = [];
  for (const first of [...byName.values()].flat()) {
    waiting.push(first);
    for (let next = waiting.at(-1); next; next = waiting.at(-1)) {
      const before = waiting.length;
      if (!begun.has(next))
        for (const { layer, use } of next.reads.toReversed()) {
          const uses = byName.get(layer);
          const read = uses?.[use] ?? uses?.[0];
          if (read && read !== next && !begun.has(read)) waiting.push(read);
        }
      begun.add(next);
      if (waiting.length > before) continue;
      waiting.pop();
      if (!done.has(next)) ordered.push(next);
      done.add(next);
    }
  }
  return ordered;
}

/**
 * The inputs of one use of a layer, in order: `["conv1", 0, 0, {}]` in Keras 1 and 2, tensors with a `keras_history` in
 * Keras 3, both nested in lists; all other values are arguments.
 */
export function referencesIn(value: unknown): readonly Reference[] {
  if (Array.isArray(value)) {
    const [layer, use, output] = value as readonly unknown[];
    if (typeof layer === 'string' && typeof use === 'number')
      return [{ layer, use, output: typeof output === 'number' ? output : 0 }];
    return value.flatMap(referencesIn);
  }
  if (typeof value !== 'object' || value === null) return [];
  const history = member(member(value, 'config'), 'keras_history');
  if (history !== undefined) return referencesIn(history);
  return referencesIn(member(value, 'args') ?? []);
}
