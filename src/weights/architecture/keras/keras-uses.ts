/** Which layer of a Keras model reads which. */
import { member } from '../../../core/io/json-text';

/** Where one layer reads another: its name, which of its uses, and which of that one’s outputs. */
export interface Reference {
  readonly layer: string;
  readonly use: number;
  readonly output: number;
}

/** One of the places in which a layer is used. */
export interface Use {
  readonly layer: unknown;
  readonly name: string;
  /** Counted from 0 for each layer. */
  readonly use: number;
  readonly reads: readonly Reference[];
}

/**
 * The uses of all layers in the order of the layers, but each after those that it reads: a layer that is used twice stands
 * once among the layers, where its first use is. One that reads itself, by way of others, comes before some of them.
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
 * What one use of a layer reads, in order: `["conv1", 0, 0, {}]` of Keras 1 and 2, tensors with a `keras_history` of
 * Keras 3, either in lists; what else is in there are arguments.
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
